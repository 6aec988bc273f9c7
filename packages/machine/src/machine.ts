/** This computer as a `Machine`: terminals, one-shot commands and tools over the host processes that run them. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { maxTerminalSize, NavisError } from '@navisai/protocol';
import type { Ceiling, MachinePolicy, SignedText, TerminalInfo, ToolResult } from '@navisai/protocol';
import { attachViewer } from './attach.ts';
import { CallWatch } from './call-watch.ts';
import { removeRunDirectory, runDirectoryFor } from './host/run-directory.ts';
import type { MachineOptions } from './machine-options.types.ts';
import { viewerRequest } from './guard.ts';
import { createContext } from './machine-parts.ts';
import type { MachineContext } from './machine-parts.ts';
import type {
  AttachRequest,
  FileReadRequest,
  FileWriteRequest,
  Machine,
  MachineEvent,
  RunHosts,
  ToolCallRequest,
  ViewerSink,
} from './machine.types.ts';
import type { HostEvent, OutputSubscription, PtyHosts, TerminalRecord } from './pty-hosts.types.ts';
import { Projects } from './projects/projects.ts';
import { startMachineSweep } from './machine-sweep.ts';
import { createCallBook } from './tools/call-book.ts';
import { CallJournal } from './tools/call-journal.ts';
import { sweepCode } from './tools/code-exec/code-exec-tool.ts';
import { executeCall } from './tools/execute.ts';
import { SpentApprovals } from './tools/spent-approvals.ts';
import { removeLeftOver } from './tools/filesystem/replace-file.ts';
import { FileTransfers } from './tools/file-transfer/file-transfers.ts';
import { closeUnconfined } from './policy/close-unconfined.ts';
import { adoptForeground } from './tools/terminal/adopt-foreground.ts';

export interface MachineHosts {
  ptyHosts: PtyHosts;
  runHosts: RunHosts;
}

/** How long calls under way may take to answer that they were cancelled when the machine is shut down. */
const answerDeadlineMs = 2000;

export class LocalMachine implements Machine {
  readonly #options: MachineOptions;
  readonly #hosts: PtyHosts;
  readonly #runHosts: RunHosts;
  readonly #context: MachineContext;
  readonly #calls = createCallBook();
  readonly #journal: CallJournal;
  readonly #spent: SpentApprovals;
  readonly #transfers: FileTransfers;
  readonly #projects: Projects;
  readonly #callWatch: CallWatch;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  /** Attachments by terminal. */
  readonly #viewers = new Map<string, number>();
  #stopListening: (() => void) | undefined;
  #sweep: Disposable | undefined;

  constructor(options: MachineOptions, { ptyHosts, runHosts }: MachineHosts) {
    this.#options = options;
    this.#hosts = ptyHosts;
    this.#runHosts = runHosts;
    this.#callWatch = new CallWatch(runHosts);
    this.#journal = new CallJournal({ path: join(options.stateDirectory, 'calls.journal') });
    this.#spent = new SpentApprovals({ path: join(options.stateDirectory, 'approvals.journal') });
    this.#context = createContext({
      options,
      hosts: ptyHosts,
      runHosts: announcing(runHosts, (callId) => this.#callWatch.begun(callId)),
      viewers: (terminalId) => this.#viewers.get(terminalId) ?? 0,
      emit: (event) => this.#emit(event),
    });
    const directory = join(options.stateDirectory, 'transfers');
    this.#transfers = new FileTransfers({ context: this.#context, directory });
    this.#projects = new Projects({ context: this.#context, home: options.home, roots: options.projectRoots });
  }

  async start(): Promise<void> {
    await this.#context.policy.start();
    // Captured now, so that the first command does not wait for it; it never rejects.
    void this.#context.environment();
    await Promise.all([this.#hosts.start(), this.#runHosts.start()]);
    // So that the first terminal opens quickly; what goes wrong here is told by whoever needs it.
    void this.#hosts.warm().catch(() => undefined);
    this.#stopListening = this.#hosts.onEvent((event) => this.#onHostEvent(event));
    this.#journal.open();
    void removeLeftOver(this.#journal.leftOver());
    this.#transfers.start();
    void this.#context.scriptFolder().then(sweepCode, () => undefined);
    adoptForeground(this.#context, { calls: this.#calls, journal: this.#journal });
    await closeUnconfined(this.#context);
    for (const { terminalId, exit } of this.#hosts.list()) if (exit === null) this.#context.shells.adopt(terminalId);
    const viewers = (terminalId: string): number => this.#viewers.get(terminalId) ?? 0;
    this.#sweep = startMachineSweep(this.#context, { viewers, limitMs: this.#options.idleLimitMs });
  }

  execute(request: ToolCallRequest): Promise<ToolResult> {
    const onUnexpected = (error: unknown): void => this.#options.onUnexpected?.(error);
    const own = { context: this.#context, calls: this.#calls, journal: this.#journal, spent: this.#spent };
    const parts = { ...own, onUnexpected };
    return executeCall(parts, request);
  }

  async cancelCall({ sessionId, callId }: Parameters<Machine['cancelCall']>[0]): Promise<void> {
    const call = this.#calls.underWay(sessionId, callId);
    call?.abort.abort();
    await call?.result;
    // Begun by an earlier program: its host runs it on.
    const isLeft = call === undefined && this.#runHosts.sessionOf(callId) === sessionId;
    if (isLeft) await this.#runHosts.cancel(callId).catch(unlessEnded);
  }

  acknowledgeCall(call: { sessionId: string; callId: string }): void {
    this.#journal.acknowledge(call);
  }

  policy(): Promise<MachinePolicy> {
    return this.#context.policy.describe();
  }

  setOverlay(overlay: Ceiling | null): Promise<void> {
    return this.#context.policy.setOverlay(overlay);
  }

  async learnRevocations(signed: SignedText): Promise<void> {
    this.#context.policy.learnRevocations(signed);
  }

  async explain(request: Parameters<Machine['explain']>[0]): ReturnType<Machine['explain']> {
    return this.#context.policy.explain(request);
  }

  readFile(request: FileReadRequest): ReturnType<Machine['readFile']> {
    return this.#transfers.read(request);
  }

  writeFile(request: FileWriteRequest): ReturnType<Machine['writeFile']> {
    return this.#transfers.write(request);
  }

  discoverProjects(scan?: string): ReturnType<Machine['discoverProjects']> {
    return this.#projects.discover(scan);
  }

  project(path: string): ReturnType<Machine['project']> {
    return this.#projects.inspect(path);
  }

  async signalCall({ sessionId, callId, signal }: Parameters<Machine['signalCall']>[0]): Promise<void> {
    if (this.#runHosts.has(callId) && this.#runHosts.sessionOf(callId) === sessionId) {
      await this.#runHosts.signal(callId, signal);
      return;
    }
    const call = this.#calls.underWay(sessionId, callId);
    if (call === undefined) throw new NavisError('NOT_FOUND', 'There is no such call under way in this session.');
    await call.onSignal(signal);
  }

  watchCall(...[request, sink]: Parameters<Machine['watchCall']>): { close(): void } {
    return this.#callWatch.watch(request, sink);
  }

  async readOutput(request: Parameters<Machine['readOutput']>[0]): ReturnType<Machine['readOutput']> {
    const { sessionId, callId, from, maxBytes } = request;
    if (this.#runHosts.sessionOf(callId) !== sessionId)
      throw new NavisError('NOT_FOUND', 'There is no output of such a call in this session.');
    return this.#runHosts.readOutput({ callId, from, maxBytes });
  }

  terminals(sessionId?: string): TerminalInfo[] {
    const records = sessionId === undefined ? this.#hosts.list() : this.#context.names.ofSession(sessionId);
    return records.map((record) => this.#context.info(record));
  }

  terminal(terminalId: string): TerminalInfo | undefined {
    const record = this.#hosts.get(terminalId);
    return record === undefined ? undefined : this.#context.info(record);
  }

  attach(request: AttachRequest, sink: ViewerSink): OutputSubscription {
    const { terminalId } = request;
    const viewer = attachViewer(this.#hosts, request, sink);
    this.#countViewer(terminalId, 1);
    let isOpen = true;
    return {
      acknowledge: (offset) => viewer.acknowledge(offset),
      close: () => {
        viewer.close();
        if (isOpen) this.#countViewer(terminalId, -1);
        isOpen = false;
      },
    };
  }

  async input(terminalId: string, bytes: Uint8Array): Promise<{ acceptedBytes: number }> {
    const record = this.#record(terminalId);
    if (record.exit !== null) throw new NavisError('TERMINAL_EXITED');
    const request = viewerRequest(record.sessionId);
    this.#context.guard.allowTool(request, { action: 'send_input', access: 'change' });
    this.#context.guard.allowInput(record, request);
    const { acceptedBytes } = await this.#hosts.write(terminalId, bytes, { isTyped: true });
    this.#context.shells.noteInput(terminalId, bytes.subarray(0, acceptedBytes));
    return { acceptedBytes };
  }

  async resize(terminalId: string, { columns, rows }: { columns: number; rows: number }): Promise<void> {
    const isPossible = columns >= 2 && columns <= maxTerminalSize.columns && rows >= 1 && rows <= maxTerminalSize.rows;
    if (!isPossible) throw new NavisError('INVALID_ARGUMENT', 'The size is out of range.');
    if (this.#record(terminalId).exit === null) await this.#hosts.resize(terminalId, { columns, rows });
  }

  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void {
    this.#hosts.setQueryResponder(terminalId, responder);
  }

  async readHistory(request: Parameters<Machine['readHistory']>[0]): ReturnType<Machine['readHistory']> {
    this.#record(request.terminalId);
    return this.#hosts.read(request.terminalId, request.from, request.maxBytes);
  }

  async closeSession(sessionId: string, reason: string): Promise<void> {
    await this.#calls.abort(sessionId);
    const records = this.#context.names.ofSession(sessionId);
    await Promise.all(records.map((record) => this.#context.closings.close(record, reason)));
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async shutdown(): Promise<void> {
    this.#sweep?.[Symbol.dispose]();
    // Calls get their answers, and foreground terminals close themselves, while the hosts still serve.
    await Promise.race([this.#calls.abort(), delay(answerDeadlineMs, undefined, { ref: false })]);
    await Promise.all([this.#hosts.shutdown(), this.#runHosts.shutdown()]);
    // Its sandbox would make the run directory anew, to hide it.
    await this.#context.login[Symbol.asyncDispose]();
    await this.#context.scripts.discard();
    const { stateDirectory, runtimeDirectory } = this.#options;
    removeRunDirectory(runDirectoryFor(stateDirectory, runtimeDirectory));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweep?.[Symbol.dispose]();
    this.#stopListening?.();
    this.#transfers[Symbol.dispose]();
    this.#listeners.clear();
    await Promise.all([this.#hosts, this.#runHosts, this.#context].map((part) => part[Symbol.asyncDispose]()));
    this.#journal[Symbol.dispose]();
    this.#spent[Symbol.dispose]();
  }

  #record(terminalId: string): TerminalRecord {
    const record = this.#hosts.get(terminalId);
    if (record === undefined) throw new NavisError('TERMINAL_NOT_FOUND', 'There is no such terminal.');
    return record;
  }

  #countViewer(terminalId: string, change: 1 | -1): void {
    const count = (this.#viewers.get(terminalId) ?? 0) + change;
    if (count > 0) this.#viewers.set(terminalId, count);
    else this.#viewers.delete(terminalId);
  }

  #emit(event: MachineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#options.onUnexpected?.(error);
      }
    }
  }

  #onHostEvent(event: HostEvent): void {
    // Each terminal of a lost host is told as exited as well.
    if (event.type === 'hostLost') return;
    const terminal = this.terminal(event.terminalId);
    if (terminal === undefined) return;
    if (event.type === 'exited') this.#emit({ type: 'terminal.exited', terminal, exit: event.exit });
    else if (event.type === 'logDegraded') this.#emit({ type: 'terminal.updated', terminal, reason: event.reason });
    else this.#emit({ type: 'terminal.updated', terminal });
  }
}

const unlessEnded = (error: unknown): void => {
  if (!(error instanceof NavisError) || error.code !== 'NOT_FOUND') throw error;
};

/** Tells of a call as soon as the run-hosts know it. */
const announcing = (
  runHosts: RunHosts,
  begun: (callId: string) => void,
): Pick<RunHosts, 'run' | 'cancel' | 'sessionOf' | 'readOutput'> => ({
  run: (request) => {
    const outcome = runHosts.run(request);
    begun(request.callId);
    return outcome;
  },
  cancel: (callId) => runHosts.cancel(callId),
  sessionOf: (callId) => runHosts.sessionOf(callId),
  readOutput: (request) => runHosts.readOutput(request),
});
