/** A machine whose terminals print exactly what a test says, byte by byte: for tests of the wire. */
import type {
  AttachRequest,
  CallOutputSink,
  Machine,
  MachineEvent,
  OutputSubscription,
  ViewerSink,
} from '@navisai/machine';
import { NavisError } from '@navisai/protocol';
import type { TerminalInfo } from '@navisai/protocol';

interface ScriptedViewer {
  request: AttachRequest;
  sink: ViewerSink;
  sent: number;
  acknowledged: number;
}

export class ScriptedTerminal {
  info: TerminalInfo;
  bytes = Buffer.alloc(0);
  input = '';
  /** What the next inputs take; then everything again. */
  acceptNext: number[] = [];
  responder: 'screen' | 'viewer' = 'screen';
  readonly viewers = new Set<ScriptedViewer>();

  constructor(info: TerminalInfo) {
    this.info = info;
  }

  print(bytes: Uint8Array | string): void {
    this.bytes = Buffer.concat([this.bytes, Buffer.from(bytes as string)]);
    this.info = { ...this.info, endOffset: this.bytes.length };
    for (const viewer of this.viewers) this.pump(viewer);
  }

  /** Bytes beyond the credit stay here, as in a machine. */
  get mostUnderWay(): number {
    return Math.max(0, ...[...this.viewers].map((viewer) => viewer.sent - viewer.acknowledged));
  }

  attach(request: AttachRequest, sink: ViewerSink): OutputSubscription {
    const from = request.from ?? (request.snapshot ? this.bytes.length : 0);
    const viewer: ScriptedViewer = { request, sink, sent: from, acknowledged: from };
    this.viewers.add(viewer);
    if (request.snapshot && request.from === undefined) sink.onSnapshot(this.#screen());
    this.pump(viewer);
    return {
      acknowledge: (offset) => {
        viewer.acknowledged = Math.max(viewer.acknowledged, offset);
        this.pump(viewer);
      },
      close: () => this.viewers.delete(viewer),
    };
  }

  pump(viewer: ScriptedViewer): void {
    const limit = Math.min(this.bytes.length, viewer.acknowledged + viewer.request.windowBytes);
    if (limit <= viewer.sent) return;
    const offset = viewer.sent;
    viewer.sent = limit;
    viewer.sink.onOutput({ offset, bytes: this.bytes.subarray(offset, limit) });
  }

  #screen(): Parameters<ViewerSink['onSnapshot']>[0] {
    const { columns, rows, title } = this.info;
    const data = this.bytes.toString('utf8');
    const flags = { cwd: null, alternateScreen: false, catchingUp: false, firstOffset: 0 };
    return { offset: this.bytes.length, columns, rows, title, data, ...flags };
  }
}

export class ScriptedMachine {
  readonly terminals = new Map<string, ScriptedTerminal>();
  readonly watchers = new Set<{ stdout: number; stderr: number; sink: CallOutputSink }>();
  readonly #listeners = new Set<(event: MachineEvent) => void>();

  add(info: TerminalInfo): ScriptedTerminal {
    const terminal = new ScriptedTerminal(info);
    this.terminals.set(info.id, terminal);
    return terminal;
  }

  emit(event: MachineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get(terminalId: string): ScriptedTerminal {
    const terminal = this.terminals.get(terminalId);
    if (terminal === undefined) throw new NavisError('TERMINAL_NOT_FOUND');
    return terminal;
  }

  /** The face that the hub uses. */
  asMachine(): Machine {
    const nothing = (): Promise<never> => Promise.reject(new NavisError('NOT_FOUND'));
    const done = async (): Promise<void> => undefined;
    return {
      start: done,
      execute: nothing,
      cancelCall: done,
      acknowledgeCall: () => undefined,
      policy: nothing,
      learnRevocations: done,
      setOverlay: done,
      explain: nothing,
      readFile: nothing,
      writeFile: nothing,
      discoverProjects: nothing,
      project: nothing,
      signalCall: nothing,
      readOutput: nothing,
      readHistory: nothing,
      closeSession: done,
      shutdown: done,
      [Symbol.asyncDispose]: done,
      watchCall: ({ stdout, stderr }, sink) => {
        const watcher = { stdout, stderr, sink };
        this.watchers.add(watcher);
        return { close: () => this.watchers.delete(watcher) };
      },
      terminals: () => [...this.terminals.values()].map(({ info }) => info),
      terminal: (terminalId) => this.terminals.get(terminalId)?.info,
      attach: (request, sink) => this.get(request.terminalId).attach(request, sink),
      input: async (terminalId, bytes) => {
        const terminal = this.get(terminalId);
        const acceptedBytes = Math.min(bytes.length, terminal.acceptNext.shift() ?? bytes.length);
        terminal.input += Buffer.from(bytes.subarray(0, acceptedBytes)).toString('utf8');
        return { acceptedBytes };
      },
      resize: async (terminalId, size) => {
        const terminal = this.get(terminalId);
        terminal.info = { ...terminal.info, ...size };
        this.emit({ type: 'terminal.updated', terminal: terminal.info });
      },
      setQueryResponder: (terminalId, responder) => {
        this.get(terminalId).responder = responder;
      },
      onEvent: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }
}
