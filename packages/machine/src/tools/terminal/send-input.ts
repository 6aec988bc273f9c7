/** The action `send_input` (T22, T30). */
import { NavisError } from '@navisai/protocol';
import type { TerminalCall, ToolMetadata, ToolResult } from '@navisai/protocol';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { failed, succeeded } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { prepareWait, waited, waitInCall, waitInWords } from './wait-in-call.ts';

type SendInputCall = Extract<TerminalCall, { action: 'send_input' }>;

/** Each piece may take this long; a program that reads nothing is told at the first. */
const pieceDeadlineMs = 2000;
const pieceBytes = 64 * 1024;
/** Lines that the answer shows after a wait. */
const shownLines = 20;

export const sendInput = async (
  context: TerminalContext,
  invocation: Invocation,
  call: SendInputCall,
): Promise<ToolResult> => {
  const prepared = prepareWait(call.wait_for);
  const record = context.names.find({ sessionId: invocation.request.sessionId, name: call.terminal_name });
  if (context.closings.isClosing(record.terminalId)) throw new NavisError('TERMINAL_EXITED');
  if (!record.background) throw new NavisError('TERMINAL_FOREGROUND');
  if (record.exit !== null)
    throw new NavisError('TERMINAL_EXITED', `The program in terminal '${record.name}' has ended; it takes no input.`);
  context.guard.allowInput(record, invocation.request);
  const from = (await context.hosts.read(record.terminalId, Number.MAX_SAFE_INTEGER, 0)).endOffset;
  const given = Buffer.byteLength(call.input);
  const accepted = await typeIn(context, record, call.input);
  const metadata = { terminal_id: record.terminalId, terminal_name: record.name, accepted_bytes: accepted };
  if (accepted < given) return refused(context, record, { given, accepted, metadata });
  const text = `${given} bytes typed into '${record.name}'.`;
  if (prepared === undefined) return succeeded(text, metadata);
  const outcome = await waitInCall(context, invocation, { record, prepared, from });
  const lines = await context.hosts.lastLines(record.terminalId, shownLines).catch(() => []);
  const next = context.hosts.get(record.terminalId)?.endOffset ?? from;
  return waited(outcome, [text, waitInWords(outcome), ...lines].join('\n'), {
    ...metadata,
    from_offset: from,
    next_offset: next,
  });
};

const refused = (
  { hosts }: TerminalContext,
  record: TerminalRecord,
  { given, accepted, metadata }: { given: number; accepted: number; metadata: ToolMetadata },
): ToolResult => {
  const hasEnded = hosts.get(record.terminalId)?.exit !== null;
  const message = `${hasEnded ? 'The program ended' : 'The program does not read its input'}: ${accepted} of ${given} bytes were taken. Send the rest later.`;
  return failed(hasEnded ? 'TERMINAL_EXITED' : 'BACK_PRESSURE', { message, metadata });
};

/** Types the text with `\n` and `\r\n` as Enter; resolves with how many of its own bytes were taken. */
const typeIn = async (
  { hosts, shells }: TerminalContext,
  { terminalId }: TerminalRecord,
  input: string,
): Promise<number> => {
  const bytes = Buffer.from(input.replace(/\r?\n/g, '\r'));
  let taken = 0;
  while (taken < bytes.length) {
    const piece = bytes.subarray(taken, taken + pieceBytes);
    const { acceptedBytes } = await hosts.write(terminalId, piece, { deadlineMs: pieceDeadlineMs });
    taken += acceptedBytes;
    shells.noteInput(terminalId, piece.subarray(0, acceptedBytes));
    if (acceptedBytes < piece.length) break;
  }
  return taken === bytes.length ? Buffer.byteLength(input) : givenBytes(Buffer.from(input), taken);
};

/** How many bytes of the text as given make `taken` bytes as typed, where `\r\n` is one byte. */
const givenBytes = (input: Buffer, taken: number): number => {
  let at = 0;
  for (let typed = 0; typed < taken && at < input.length; typed += 1)
    at += input[at] === 0x0d && input[at + 1] === 0x0a ? 2 : 1;
  return at;
};
