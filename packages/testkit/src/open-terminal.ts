/** Terminals and sessions of a test hub, opened the way a person's client does. */
import type { Api } from '@navisai/client';
import type { TerminalInfo } from '@navisai/protocol';

export interface OpenedTerminal extends TerminalInfo {
  sessionId: string;
}

/** Opens a background terminal and answers its facts. Throws when the tool refuses. */
export const openTerminal = async (
  api: Api,
  request: { sessionId: string; name: string; command: string },
): Promise<OpenedTerminal> => {
  const { sessionId, name, command } = request;
  const opened = await api.callTool({
    params: { id: sessionId, tool: 'terminal' },
    body: { action: 'open', terminal_name: name, description: `test: ${name}`, command, background: true },
  });
  if (!opened.success) throw new Error(`${name} was not opened: ${JSON.stringify(opened.error)}`);
  const { terminals } = await api.session({ params: { id: sessionId } });
  const terminal = terminals.find((candidate) => candidate.name === name);
  if (terminal === undefined) throw new Error(`${name} was opened but is not listed`);
  return terminal;
};

export const createSession = async (api: Api): Promise<string> => (await api.createSession({ body: {} })).id;

/** Every retained byte, read over HTTP. */
export const readHistory = async (api: Api, terminal: { sessionId: string; id: string }): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  const params = { id: terminal.sessionId, terminalId: terminal.id };
  for (let from = 0; ;) {
    const range = await api.terminalHistory({ params, query: { from } });
    chunks.push(range.bytes);
    from = range.nextOffset;
    if (range.bytes.length === 0 || from >= range.endOffset) return Buffer.concat(chunks);
  }
};
