/** The terminals of this machine as the hub uses them: kept by pty-host processes, found again, cleaned up when lost. */
import { NavisError, retainedTerminalBytes } from '@navisai/protocol';
import { asNavisError } from './host/hub/as-navis-error.ts';
import { currentBootId, currentBuildId } from './host/hub/current-build.ts';
import type { Foreground } from './host/hub/foreground.ts';
import type { HostLink } from './host/hub/host-link.ts';
import { HostPool } from './host/hub/host-pool.ts';
import { endLeftovers, lostReasons, markLost } from './host/hub/lost-terminals.ts';
import { OutputFlows } from './host/hub/output-flows.ts';
import { openStoredLog } from './host/stored-log.ts';
import { TerminalProcesses } from './host/hub/terminal-processes.ts';
import { TerminalRegistry } from './host/hub/terminal-registry.ts';
import { HostError } from './host/host-error.ts';
import type { PtyHostMethods } from './host/pty-host-protocol.ts';
import { runDirectoryFor } from './host/run-directory.ts';
import {
  isTerminalId,
  readStoredTerminals,
  removeStoredTerminal,
  terminalDirectory,
  type StoredTerminal,
} from './host/stored-terminal.ts';
import type {
  ExitState,
  HostEvent,
  OutputSink,
  OutputSubscription,
  PtyHosts,
  PtyOpenRequest,
  ScreenSnapshot,
  SubscribeRequest,
  TerminalRecord,
} from './pty-hosts.types.ts';

export interface PtyHostsOptions {
  stateDirectory: string;
  /** `$XDG_RUNTIME_DIR`, where sockets are kept best. */
  runtimeDirectory?: string | undefined;
  /** Of each terminal's output, on disk. */
  retainBytes?: number;
  /** Names the code that hosts are started with; another one retires the hosts of before. */
  buildId?: string;
  /** What went wrong without a caller to tell. */
  onProblem?(message: string): void;
}

const writeDeadlineMs = 2000;
/** Beyond what a request itself may take. */
const answerMarginMs = 5000;
const openDeadlineMs = 10_000;
const screenDeadlineMs = 20_000;

export const createPtyHosts = (options: PtyHostsOptions): PtyHosts => new LocalPtyHosts(options);

class LocalPtyHosts implements PtyHosts {
  readonly #stateDirectory: string;
  readonly #onProblem: (message: string) => void;
  readonly #bootId = currentBootId();
  readonly #terminals = new TerminalRegistry();
  readonly #processes = new TerminalProcesses(this.#terminals);
  readonly #pool: HostPool;
  readonly #flows: OutputFlows;
  readonly #responders = new Map<string, 'screen' | 'viewer'>();
  /** Clean-ups that nobody waits for. */
  readonly #background = new Set<Promise<unknown>>();

  constructor(options: PtyHostsOptions) {
    const { stateDirectory, runtimeDirectory, retainBytes = retainedTerminalBytes, onProblem } = options;
    this.#stateDirectory = stateDirectory;
    this.#onProblem = (message) => onProblem?.(message);
    this.#flows = new OutputFlows(this.#onProblem);
    this.#pool = new HostPool({
      stateDirectory,
      runDirectory: runDirectoryFor(stateDirectory, runtimeDirectory),
      retainBytes,
      buildId: options.buildId ?? currentBuildId(),
      bootId: this.#bootId,
      events: {
        exited: ({ terminal }) => this.#exited(terminal),
        title: (event) => this.#terminals.titled(event),
        resized: (event) => this.#terminals.resized(event),
        logDegraded: ({ terminalId, reason }) => this.#terminals.emit({ type: 'logDegraded', terminalId, reason }),
        progress: (changes) => this.#terminals.progress(changes),
        skipped: ({ channel, from, to }) => this.#flows.get(channel)?.skipped(from, to),
        ended: ({ channel, exit }) => this.#flows.get(channel)?.ended(exit),
      },
      onData: ({ channel, offset, bytes }) => this.#received({ channel, offset, bytes }),
      onConnected: (link) => this.#inBackground(this.#connected(link), link),
      onGone: (link) => this.#lose(link.record.hostId),
      onProblem: this.#onProblem,
    });
  }

  async start(): Promise<void> {
    const unreadable = (directory: string): void => this.#onProblem(`The record in ${directory} cannot be read.`);
    for (const stored of readStoredTerminals(this.#stateDirectory, unreadable)) this.#terminals.put(stored);
    await this.#pool.adopt();
    await Promise.all(this.#pool.all().map((link) => (link.isConnected ? this.#connected(link) : undefined)));
    const known = new Set(this.#pool.all().map(({ record }) => record.hostId));
    const orphans = this.#terminals.all().filter(({ exit, hostId }) => exit === null && !known.has(hostId));
    this.#loseTerminals(orphans);
    this.#retire();
  }

  async warm(): Promise<void> {
    await asNavisError(this.#pool.current());
  }

  list(): TerminalRecord[] {
    return this.#terminals.records();
  }

  get(terminalId: string): TerminalRecord | undefined {
    return this.#terminals.record(terminalId);
  }

  open(request: PtyOpenRequest): Promise<TerminalRecord> {
    return asNavisError(this.#open(request));
  }

  async write(
    terminalId: string,
    bytes: Uint8Array,
    { deadlineMs = writeDeadlineMs, isTyped = false }: { deadlineMs?: number; isTyped?: boolean } = {},
  ): Promise<{ acceptedBytes: number }> {
    const options = { payload: bytes, deadlineMs: deadlineMs + answerMarginMs };
    const link = this.#liveLink(terminalId);
    return (await asNavisError(link.request('write', { terminalId, deadlineMs, isTyped }, options))).result;
  }

  async resize(terminalId: string, { columns, rows }: { columns: number; rows: number }): Promise<void> {
    await asNavisError(this.#liveLink(terminalId).request('resize', { terminalId, columns, rows }));
  }

  async kill(terminalId: string): Promise<ExitState> {
    return asNavisError(this.#processes.kill(this.#stored(terminalId)));
  }

  async signalForeground(terminalId: string, signal: NodeJS.Signals): Promise<void> {
    return asNavisError(this.#processes.signalForeground(this.#live(terminalId), signal));
  }

  async foreground(terminalId: string): Promise<Foreground> {
    return asNavisError(this.#processes.foreground(this.#live(terminalId)));
  }

  async remove(terminalId: string): Promise<void> {
    const stored = this.#stored(terminalId);
    const { exit, endOffset } = stored;
    if (exit === null) throw new NavisError('CONFLICT', 'The program in this terminal still runs.');
    await asNavisError(this.#forget(stored));
    // Forgotten first: a viewer that is told to skip asks for a screen at once, and must hear that there is none.
    this.#terminals.remove(terminalId);
    this.#flows.giveUp(terminalId, { exit, endOffset });
    this.#responders.delete(terminalId);
    this.#retire();
  }

  async read(terminalId: string, from: number, maxBytes: number) {
    const stored = this.#stored(terminalId);
    const link = this.#linkOf(stored);
    if (link === undefined) return this.#readFiles(stored, { from, maxBytes });
    try {
      const { result, payload } = await asNavisError(link.request('read', { terminalId, from, maxBytes }));
      return { ...result, bytes: payload };
    } catch (error) {
      await link.settled();
      // What a host that has ended meanwhile had on disk is still there.
      if (this.#linkOf(stored) !== undefined) throw error;
      return this.#readFiles(stored, { from, maxBytes });
    }
  }

  async snapshot(terminalId: string, { scrollback }: { scrollback: number }): Promise<ScreenSnapshot> {
    const { link, stored } = await this.#screenOf(terminalId);
    const deadline = { deadlineMs: screenDeadlineMs };
    const answer = await asNavisError(link.request('snapshot', { terminalId, scrollback, stored }, deadline));
    return { ...answer.result, data: answer.payload.toString() };
  }

  async lastLines(terminalId: string, count: number): Promise<string[]> {
    const { link, stored } = await this.#screenOf(terminalId);
    const deadline = { deadlineMs: screenDeadlineMs };
    return (await asNavisError(link.request('lines', { terminalId, count, stored }, deadline))).result;
  }

  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void {
    const stored = this.#terminals.get(terminalId);
    if (stored?.exit !== null) return;
    this.#responders.set(terminalId, responder);
    const link = this.#linkOf(stored);
    if (link?.isConnected === true)
      this.#inBackground(link.request('setQueryResponder', { terminalId, responder }), link);
  }

  subscribe(request: SubscribeRequest, sink: OutputSink): OutputSubscription {
    const stored = this.#stored(request.terminalId);
    const { terminalId, exit } = stored;
    return this.#flows.subscribe({
      request,
      sink,
      directory: this.#directoryOf(terminalId),
      link: this.#linkOf(stored),
      exit,
    });
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    return this.#terminals.onEvent(listener);
  }

  async shutdown(): Promise<void> {
    await this.#pool.startNoMore();
    const isReachable = ({ hostId }: StoredTerminal): boolean => this.#pool.get(hostId)?.isConnected === true;
    const living = this.#terminals.all().filter(({ exit }) => exit === null);
    const [reachable, others] = partition(living, isReachable);
    await this.#processes.killAll(reachable);
    await this.#pool.stopAll();
    this.#loseTerminals(others.filter(({ terminalId }) => this.#terminals.get(terminalId)?.exit === null));
    const ofThisBoot = this.#terminals.all().filter(({ bootId }) => bootId === this.#bootId);
    const { remaining } = await this.#processes.killAll(ofThisBoot);
    if (remaining > 0) this.#onProblem(`${remaining} processes of terminals could not be ended.`);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flows.closeAll();
    await this.#pool.close();
    await Promise.allSettled(this.#background);
  }

  async #open(request: PtyOpenRequest): Promise<TerminalRecord> {
    const { terminalId } = request;
    if (!isTerminalId(terminalId)) throw new HostError('INVALID_ARGUMENT', 'The id of the terminal is not valid.');
    const link = await this.#pool.current();
    try {
      const { result } = await link.request('open', request, { deadlineMs: openDeadlineMs });
      this.#terminals.put(result);
      return this.#terminals.record(terminalId) ?? result;
    } catch (error) {
      // Whether it was started is not known: what may run of it must not stay.
      const isUnknown = error instanceof HostError && error.code === 'HOST_UNAVAILABLE';
      if (isUnknown) this.#inBackground(this.#processes.killUnknown(terminalId));
      throw error;
    }
  }

  async #forget({ terminalId, hostId }: StoredTerminal): Promise<void> {
    const holders = this.#pool.all().filter(({ record, isConnected }) => isConnected || record.hostId === hostId);
    await Promise.all(holders.map((link) => link.request('forget', { terminalId })));
    removeStoredTerminal(this.#directoryOf(terminalId));
  }

  async #readFiles(stored: StoredTerminal, { from, maxBytes }: { from: number; maxBytes: number }) {
    const log = openStoredLog(this.#directoryOf(stored.terminalId));
    const { firstOffset, endOffset } = log;
    const slice = await log.read(from, maxBytes);
    const { offset, bytes } = slice ?? { offset: Math.min(from, endOffset), bytes: Buffer.alloc(0) };
    return { offset, bytes, firstOffset, endOffset };
  }

  /** Its own host, or any other that rebuilds the screen from disk. */
  async #screenOf(
    terminalId: string,
  ): Promise<{ link: HostLink; stored: PtyHostMethods['lines']['params']['stored'] }> {
    const stored = this.#stored(terminalId);
    const link = this.#linkOf(stored);
    if (link !== undefined) return { link, stored: undefined };
    const { columns, rows } = stored;
    return { link: await asNavisError(this.#pool.current()), stored: { columns, rows } };
  }

  #stored(terminalId: string): StoredTerminal {
    const stored = this.#terminals.get(terminalId);
    if (stored === undefined) throw new NavisError('TERMINAL_NOT_FOUND');
    return stored;
  }

  #live(terminalId: string): StoredTerminal {
    const stored = this.#stored(terminalId);
    if (stored.exit !== null) throw new NavisError('TERMINAL_EXITED');
    return stored;
  }

  /** The host that has this terminal in memory. */
  #linkOf({ hostId }: StoredTerminal): HostLink | undefined {
    return this.#pool.get(hostId);
  }

  #liveLink(terminalId: string): HostLink {
    const link = this.#linkOf(this.#live(terminalId));
    if (link === undefined) throw new NavisError('HOST_UNAVAILABLE');
    return link;
  }

  #directoryOf(terminalId: string): string {
    return terminalDirectory(this.#stateDirectory, terminalId);
  }

  /** What the host says is true; readers and responders that were lost with a connection are set up again. */
  async #connected(link: HostLink): Promise<void> {
    const { result } = await link.request('list', null);
    const told = new Set(result.map(({ terminalId }) => terminalId));
    for (const stored of result) this.#terminals.put(stored);
    const own = this.#terminals.all().filter(({ hostId }) => hostId === link.record.hostId);
    this.#loseTerminals(own.filter(({ exit, terminalId }) => exit === null && !told.has(terminalId)));
    for (const [terminalId, responder] of this.#responders) {
      if (told.has(terminalId)) await link.request('setQueryResponder', { terminalId, responder });
    }
    await this.#flows.serveFrom(link, told);
  }

  #received({ channel, offset, bytes }: { channel: number; offset: number; bytes: Buffer }): void {
    const flow = this.#flows.get(channel);
    if (flow === undefined) return;
    this.#terminals.reached(flow.terminalId, offset + bytes.length);
    flow.received(offset, bytes);
  }

  #exited(terminal: StoredTerminal): void {
    this.#responders.delete(terminal.terminalId);
    this.#terminals.putExited(terminal);
    this.#retire();
  }

  #lose(hostId: string): void {
    this.#loseTerminals(this.#terminals.all().filter((stored) => stored.hostId === hostId && stored.exit === null));
    // Readers of terminals that had exited before go on from disk too.
    this.#flows.serveFromDisk((terminalId) => {
      const stored = this.#terminals.get(terminalId);
      return stored?.hostId === hostId ? stored.exit : null;
    });
  }

  #loseTerminals(terminals: StoredTerminal[]): void {
    if (terminals.length === 0) return;
    for (const stored of terminals) {
      this.#responders.delete(stored.terminalId);
      this.#inBackground(endLeftovers(stored, this.#bootId));
      this.#terminals.putExited(markLost(this.#stateDirectory, stored, this.#bootId));
    }
    for (const [reason, lost] of Map.groupBy(
      terminals,
      ({ terminalId }) => this.#terminals.get(terminalId)?.exit?.reason,
    )) {
      const terminalIds = lost.map(({ terminalId }) => terminalId);
      this.#terminals.emit({ type: 'hostLost', terminalIds, reason: reason ?? lostReasons.hostEnded });
    }
  }

  #retire(): void {
    const isInUse = (hostId: string): boolean =>
      this.#terminals.all().some((stored) => stored.hostId === hostId && stored.exit === null);
    this.#inBackground(this.#pool.retire(isInUse));
  }

  /** What fails with a `link` that is lost is no problem: it is done again when the link is back. */
  #inBackground(work: Promise<unknown>, link?: HostLink): void {
    const task = work
      .catch((error: unknown) => {
        if (link?.isConnected !== false) this.#onProblem(error instanceof Error ? error.message : String(error));
      })
      .finally(() => this.#background.delete(task));
    this.#background.add(task);
  }
}

const partition = <Item>(items: Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] => [
  items.filter(isFirst),
  items.filter((item) => !isFirst(item)),
];
