/** Goes on with the foreground terminals that were under way when the hub ended (T14, T18). */
import type { ToolCallRequest } from '../../machine.types.ts';
import { tellEnd } from '../call-events.ts';
import type { CallBook } from '../call-book.ts';
import type { CallJournal } from '../call-journal.ts';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { followForeground, foregroundLabels } from './foreground.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

/** Each is the call that it was: a repeat of its id gets its result. */
export const adoptForeground = (
  context: TerminalContext,
  { calls, journal }: { calls: CallBook; journal: CallJournal },
): void => {
  for (const record of context.hosts.list().filter(({ background }) => !background)) {
    const request = requestOf(record);
    const abort = new AbortController();
    const invocation: Invocation = { request, warnings: [], signal: abort.signal, onSignal: undefined };
    const call = {
      sessionId: record.sessionId,
      abort,
      onSignal: (signal: NodeJS.Signals) => context.hosts.signalForeground(record.terminalId, signal),
      result: followForeground(context, invocation, record).then((result) => {
        journal.end(request, result);
        const durationMs = Math.max(0, Date.now() - Date.parse(record.startedAt));
        tellEnd(context, request, { result, durationMs });
        return result;
      }),
    };
    // Nobody waits for it but a repeat of the call; the next start finds it again if this one fails.
    calls.once(request, () => call).catch(() => undefined);
  }
};

const requestOf = ({ sessionId, terminalId, labels }: TerminalRecord): ToolCallRequest => ({
  tool: 'terminal',
  arguments: {},
  sessionId,
  callId: labels[foregroundLabels.callId] ?? terminalId,
  userId: labels['user_id'] ?? '',
  origin: labels['origin'] === 'person' ? 'person' : 'agent',
});
