/** A machine without terminals: for tests of what the hub does itself. */
import type { Machine, MachineEvent, ToolCallRequest } from '@navisai/machine';
import { NavisError, type TerminalInfo } from '@navisai/protocol';

export interface EmptyMachine extends Machine {
  readonly calls: ToolCallRequest[];
  readonly closedSessions: string[];
  /** Any event of a terminal that only the test knows. */
  emit(event: MachineEvent): void;
  list: TerminalInfo[];
}

export const createEmptyMachine = (): EmptyMachine => {
  const listeners = new Set<(event: MachineEvent) => void>();
  const nothing = (): never => {
    throw new NavisError('NOT_FOUND');
  };
  return {
    calls: [],
    closedSessions: [],
    list: [],
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    start: async () => undefined,
    async execute(request) {
      this.calls.push(request);
      return { success: true, output: '(no output)', metadata: {} };
    },
    cancelCall: async () => undefined,
    acknowledgeCall: () => undefined,
    signalCall: async () => nothing(),
    watchCall: () => ({ close: () => undefined }),
    readOutput: async () => nothing(),
    terminals(sessionId) {
      return this.list.filter((terminal) => sessionId === undefined || terminal.sessionId === sessionId);
    },
    terminal(terminalId) {
      return this.list.find(({ id }) => id === terminalId);
    },
    attach: nothing,
    input: async () => nothing(),
    resize: async () => undefined,
    setQueryResponder: () => undefined,
    readHistory: async () => nothing(),
    async closeSession(sessionId) {
      this.closedSessions.push(sessionId);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    policy: async () => ({ ceiling: null, ceilingFile: '', overlay: null, allowedCommands: null, sandbox: 'none' }),
    learnRevocations: async () => undefined,
    setOverlay: async () => undefined,
    explain: async () => nothing(),
    readFile: async () => nothing(),
    writeFile: async () => nothing(),
    discoverProjects: async () => nothing(),
    project: async () => nothing(),
    shutdown: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
};
