/** What each command of a conversation does, as the person who wrote it (A4). */
import {
  type AgentSettings,
  type Device,
  isErrorCode,
  NavisError,
  type Session,
  timeoutSeconds,
} from '@navisai/protocol';
import type { Tools } from '../../services/tools.ts';
import { nodeOfSession, type SettingsParts } from '../runs/run-order.ts';
import type { SessionRuns } from '../runs/session-runs.ts';
import { outputOf } from './command-output.ts';
import { type Command, commandHelp } from './parse-command.ts';

export interface CommandOrder {
  session: Session;
  device: Device;
  text: string;
  /** Id of the stream that shows it. */
  streamId: string;
}

export interface ActParts extends SettingsParts {
  runs: SessionRuns;
  tools: Tools;
  /** Sets the agent of a session up in another way. Rejects NavisError where that cannot be. */
  configure(session: Session, change: Partial<AgentSettings>): Promise<Session>;
}

export interface Act {
  order: CommandOrder;
  callId: string;
  command: Command;
}

const maxDescription = 500;

/** Answers what the person is shown. Rejects NavisError where it could not be done. */
export const actOnCommand = async (parts: ActParts, { order, callId, command }: Act): Promise<string> => {
  const { session, device } = order;
  const terminal = async (given: Record<string, unknown>): Promise<string> => {
    const called = { session, device, tool: 'terminal', arguments: { ...given, call_id: callId } };
    const result = await parts.tools.call(called);
    const { success, output, error, metadata } = result;
    const hasEnded = 'exit_code' in metadata || 'signal' in metadata || output !== '';
    // Nothing was done. What ran and ended badly has answered all the same.
    if (!success && !hasEnded && isErrorCode(error?.code)) throw new NavisError(error.code, error.message);
    return outputOf(result);
  };
  switch (command.name) {
    case 'run': {
      const { command: text } = command;
      return terminal({
        action: 'run',
        command: text,
        timeout: timeoutSeconds.max,
        ...(await placeOf(session, parts)),
      });
    }
    case 'open': {
      const { terminal: name, command: text } = command;
      const given = { action: 'open', terminal_name: name, command: text, description: text.slice(0, maxDescription) };
      return terminal({ ...given, background: true, keep_alive: true, ...(await placeOf(session, parts)) });
    }
    // A terminal is found by its name, wherever it is.
    case 'close':
    case 'status':
      return terminal({ action: command.name, terminal_name: command.terminal });
    case 'list':
      return terminal({ action: 'list' });
    case 'help':
      return commandHelp();
    case 'stop':
      return (await parts.runs.stop(session.id)) ? 'Stopped.' : 'The agent does nothing now.';
    case 'node':
      await parts.configure(session, { nodeId: command.value });
      return `From now on, tools and commands act on the node ${command.value}.`;
    case 'profile':
      await parts.configure(session, { profile: command.value });
      return `From the next message on, the agent has the profile ${command.value}.`;
    case 'model':
      await parts.configure(session, { model: command.value });
      return `From the next message on, the agent uses the model ${command.value}.`;
  }
};

const placeOf = async (session: Session, parts: SettingsParts): Promise<Record<string, string>> => {
  const nodeId = await nodeOfSession(session, parts);
  const directory = session.agent?.directory ?? null;
  return {
    ...(nodeId === null ? {} : { node_id: nodeId }),
    ...(directory === null ? {} : { working_dir: directory }),
  };
};
