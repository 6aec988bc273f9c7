/** What people do to terminals and sessions, as calls of the hub; each rejects with words for the person. */
import type { Api } from '@navisai/client';
import { NavisError, isErrorCode } from '@navisai/protocol';
import type { TerminalInfo, ToolResult } from '@navisai/protocol';
import { toOpenArguments } from './open-request.ts';
import type { OpenForm } from './open-request.ts';

type TerminalRef = Pick<TerminalInfo, 'sessionId' | 'name'>;

/** Resolves to the new terminal's id once the hub lists it. */
export const openTerminal = async (api: Api, sessionId: string, form: OpenForm): Promise<string> => {
  await callTerminalTool(api, sessionId, toOpenArguments(form));
  const session = await api.session({ params: { id: sessionId } });
  const opened = session.terminals.find(({ name }) => name === form.name);
  if (opened === undefined) throw new NavisError('TERMINAL_NOT_FOUND', 'The terminal was opened and is already gone.');
  return opened.id;
};

/** Ends its program with everything that it started, and forgets the terminal. */
export const closeTerminal = async (api: Api, { sessionId, name }: TerminalRef): Promise<void> => {
  await callTerminalTool(api, sessionId, { action: 'close', terminal_name: name });
};

/** The same command once more in the same directory and under the same name; resolves to the new terminal's id. */
export const reopenTerminal = async (api: Api, terminal: TerminalInfo): Promise<string> => {
  await closeTerminal(api, terminal);
  const { name, description, command, workingDirectory = '', nodeId } = terminal;
  return openTerminal(api, terminal.sessionId, { name, description, command, directory: workingDirectory, nodeId });
};

const callTerminalTool = async (api: Api, sessionId: string, call: Record<string, unknown>): Promise<ToolResult> => {
  const result = await api.callTool({ params: { id: sessionId, tool: 'terminal' }, body: call });
  if (result.success) return result;
  const { code, message } = result.error ?? { code: 'INTERNAL', message: 'The hub did not say why this failed.' };
  throw new NavisError(isErrorCode(code) ? code : 'INTERNAL', message);
};
