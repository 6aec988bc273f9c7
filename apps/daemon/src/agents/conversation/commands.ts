/** Carries out the commands of a conversation as the person, on the conversation's node, and shows what came of it (A4). */
import type { AgentMessage } from '@navisai/agent';
import {
  type AgentSettings,
  type Device,
  mainNodeId,
  NavisError,
  newId,
  type RunEndReason,
  type Session,
  timeoutSeconds,
  toErrorBody,
  type ToolResult,
} from '@navisai/protocol';
import type { NewEvent, NewMessage, StoreFeed } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from '../../nodes/fleet.ts';
import type { Tools } from '../../services/tools.ts';
import { defaultProfileId } from '../runs/run-order.ts';
import { noUsage } from '../runs/run-rows.ts';
import type { SessionRuns } from '../runs/session-runs.ts';
import type { AgentMessages } from './agent-messages.ts';
import { type Command, commandHelp, isCommand, parseCommand } from './parse-command.ts';
import { outputOf } from './command-output.ts';

export interface CommandsParts {
  feed: StoreFeed;
  now: () => number;
  log: FastifyBaseLogger;
  instanceId: string;
  runs: SessionRuns;
  tools: Tools;
  fleet: Fleet;
  messages: AgentMessages;
  /** Sets the agent of a session up in another way. Rejects NavisError where that cannot be. */
  configure(session: Session, change: Partial<AgentSettings>): Promise<Session>;
}

export interface CommandOrder {
  session: Session;
  device: Device;
  text: string;
  /** Id of the stream that shows it. */
  streamId: string;
}

export interface Commands {
  isCommand(text: string): boolean;
  /** Resolves when it is done; nobody has to wait. Never rejects. */
  carryOut(order: CommandOrder): Promise<void>;
  /** Ends what is being carried out; answers whether there was anything. */
  stop(sessionId: string): Promise<boolean>;
}

/** Commands of one session that are carried out at once. */
const maxUnderWay = 20;
/** Of an output that the next run reads. */
const maxRemembered = 16 * 1024;

interface UnderWay {
  sessionId: string;
  callId: string;
  done: Promise<void>;
}

export const createCommands = (parts: CommandsParts): Commands => {
  const underWay = new Map<string, UnderWay>();

  const ofSession = (sessionId: string): UnderWay[] =>
    Array.from(underWay.values()).filter((one) => one.sessionId === sessionId);

  const call = (order: CommandOrder, callId: string, given: Record<string, unknown>): Promise<ToolResult> => {
    const { session, device } = order;
    const node = session.agent?.nodeId ?? undefined;
    const place = given['action'] === 'list' ? {} : { node_id: node };
    return parts.tools.call({ session, device, tool: 'terminal', arguments: { ...given, ...place, call_id: callId } });
  };

  const directoryOf = ({ agent }: Session) => {
    const directory = agent?.directory ?? null;
    return directory === null ? {} : { working_dir: directory };
  };

  const act = async (order: CommandOrder, callId: string, command: Command): Promise<string> => {
    const { session } = order;
    const onTerminal = (given: Record<string, unknown>): Promise<string> => call(order, callId, given).then(outputOf);
    switch (command.name) {
      case 'run': {
        const given = { action: 'run', command: command.command, timeout: timeoutSeconds.max };
        return onTerminal({ ...given, ...directoryOf(session) });
      }
      case 'open': {
        const { terminal, command: text } = command;
        const given = { action: 'open', terminal_name: terminal, command: text, background: true, keep_alive: true };
        return onTerminal({ ...given, description: text.slice(0, 500), ...directoryOf(session) });
      }
      case 'close':
      case 'status':
        return call(order, callId, { action: command.name, terminal_name: command.terminal }).then(outputOf);
      case 'list':
        return onTerminal({ action: 'list' });
      case 'help':
        return commandHelp();
      case 'stop':
        return (await parts.runs.stop(session.id)) ? 'Stopped.' : 'The agent does nothing now.';
      case 'node':
        await parts.configure(session, { nodeId: command.value });
        return `From the next message on, tools act on the node ${command.value}.`;
      case 'profile':
        await parts.configure(session, { profile: command.value });
        return `From the next message on, the agent has the profile ${command.value}.`;
      case 'model':
        await parts.configure(session, { model: command.value });
        return `From the next message on, the agent uses the model ${command.value}.`;
    }
  };

  const attempt = async (order: CommandOrder, callId: string): Promise<{ text: string; isDone: boolean }> => {
    try {
      if (ofSession(order.session.id).length > maxUnderWay)
        throw new NavisError('RATE_LIMITED', `${maxUnderWay} commands are under way here already.`);
      return { text: await act(order, callId, parseCommand(order.text)), isDone: true };
    } catch (error) {
      return { text: toErrorBody(error).message, isDone: false };
    }
  };

  const perform = async (order: CommandOrder, callId: string): Promise<void> => {
    const startSeq = await start(parts, order);
    const { text, isDone } = await attempt(order, callId);
    await end(parts, order, { text, reason: isDone ? 'completed' : 'failed', startSeq });
  };

  return {
    isCommand,
    async carryOut(order) {
      const { streamId, session } = order;
      const callId = newId('call');
      const done = perform(order, callId).catch((error: unknown) =>
        parts.log.error({ err: error, streamId }, 'a command of a conversation broke'),
      );
      underWay.set(streamId, { sessionId: session.id, callId, done });
      await done;
      underWay.delete(streamId);
    },
    async stop(sessionId) {
      const own = ofSession(sessionId);
      for (const { callId } of own) await parts.fleet.cancelCall({ sessionId, callId }).catch(() => undefined);
      await Promise.all(own.map(({ done }) => done));
      return own.length > 0;
    },
  };
};

const start = async (
  { feed, now, instanceId }: CommandsParts,
  { session, streamId }: CommandOrder,
): Promise<number> => {
  const profile = session.agent?.profile ?? defaultProfileId;
  const nodeId = session.agent?.nodeId ?? mainNodeId;
  const data = { streamId, parent: null, continues: null, profile, model: null, nodeId, depth: 0 };
  return feed.transaction(async ({ conversations, appendEvents }) => {
    const [started] = await appendEvents([{ stream: session.id, sessionId: session.id, type: 'stream_start', data }]);
    const startSeq = started?.seq ?? 0;
    await conversations.startRun({
      id: streamId,
      sessionId: session.id,
      kind: 'command',
      parent: null,
      state: 'running',
      profile,
      model: null,
      nodeId,
      instanceId,
      order: null,
      startSeq,
      startedAt: new Date(now()).toISOString(),
      endedAt: null,
      usage: noUsage,
      error: null,
    });
    return startSeq;
  });
};

interface CommandEnd {
  text: string;
  reason: RunEndReason;
  startSeq: number;
}

/** The next run reads what was done, within bounds. */
const end = async (
  parts: CommandsParts,
  order: CommandOrder,
  { text, reason, startSeq }: CommandEnd,
): Promise<void> => {
  const { session, streamId } = order;
  const [stream, sessionId] = [session.id, session.id];
  const endedAt = new Date(parts.now()).toISOString();
  const notice = { streamId, kind: 'command' as const, text: text.slice(0, maxNotice) };
  const last = { streamId, reason, usage: noUsage, error: null, canContinue: false };
  const events: NewEvent[] = [
    { stream, sessionId, type: 'stream_notice', data: notice },
    { stream, sessionId, type: 'stream_end', data: last },
  ];
  const told = `[I did this myself in our conversation: ${shorten(order.text)}\nIt answered:]\n${shorten(text)}`;
  const said: AgentMessage = { role: 'user', text: told };
  await parts.feed.transaction(async ({ conversations, appendEvents }) => {
    await appendEvents(events);
    await conversations.changeRun(streamId, { state: reason, endedAt, startSeq });
    const note: NewMessage = {
      id: newId('message'),
      sessionId,
      thread: '',
      kind: 'note',
      body: parts.messages.bodyOf(said),
      text: null,
      seq: null,
      runId: streamId,
      isWaiting: parts.runs.current(sessionId) !== undefined,
      at: endedAt,
    };
    await conversations.addMessage(note);
  });
};

/** Of the schema. */
const maxNotice = 64 * 1024;

const shorten = (text: string): string => {
  if (text.length <= maxRemembered) return text;
  const half = maxRemembered / 2;
  return `${text.slice(0, half)}\n[${text.length - maxRemembered} characters left out]\n${text.slice(-half)}`;
};
