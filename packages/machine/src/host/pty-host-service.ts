/** The pty-host: owns terminals, serves hubs on a socket, and ends itself when nobody needs it. */
import { lstatSync, rmSync, utimesSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { PtyOpenRequest } from '../pty-hosts.types.ts';
import type { Handlers } from './connection.ts';
import { FramedSocket } from './framed-socket.ts';
import { welcomeHub } from './handshake.ts';
import { HostError } from './host-error.ts';
import { HostedTerminal, type TerminalContext, type TerminalEvents } from './hosted-terminal.ts';
import { HubSession } from './hub-session.ts';
import { ptyHostService, ptyHostVersions, type PtyHostMethods, type TerminalProgress } from './pty-host-protocol.ts';
import { prepareRunDirectory } from './run-directory.ts';
import { StoredScreens } from './screen/stored-screens.ts';
import type { ScreenReading } from './screen/screen-feed.ts';
import { isTerminalId, terminalDirectory } from './stored-terminal.ts';

export interface HostTimes {
  /** A host without terminals and without a hub ends itself after this long. */
  lonelyMs: number;
  /** Cleaners of temporary directories remove what looks old; the socket is kept fresh, and made again when it is gone. */
  socketCareMs: number;
}

export interface PtyHostOptions extends Omit<TerminalContext, 'events' | 'directory'> {
  stateDirectory: string;
  socketPath: string;
  token: Uint8Array;
  buildId: string;
  times?: HostTimes;
  collectGarbage(): void;
  log(event: string, facts: Record<string, unknown>): void;
  /** Everything is closed. */
  onStopped(): void;
}

const defaultTimes: HostTimes = { lonelyMs: 60_000, socketCareMs: 60_000 };
const progressMs = 200;
/** After a terminal went to rest, others may follow. */
const garbageMs = 2000;
/** An attach waits this long for a complete screen; … */
const patienceMs = 1000;
/** … in a flood, when more than this waits to be parsed, it gets one that is behind. */
const floodLagBytes = 1024 * 1024;
const floodPatienceMs = 50;
/** A screen that is rebuilt from disk does not move away while it is read. */
const storedPatienceMs = 5000;
const maxReadBytes = 8 * 1024 * 1024;
const maxTerminals = 1000;

export class PtyHostService {
  readonly #options: PtyHostOptions;
  readonly #terminals = new Map<string, HostedTerminal>();
  readonly #opening = new Set<string>();
  readonly #sessions = new Set<HubSession>();
  readonly #screens: StoredScreens;
  readonly #changed = new Set<HostedTerminal>();
  readonly #events: TerminalEvents;
  #server: Server | null = null;
  #progressTimer: NodeJS.Timeout | null = null;
  #lonelyTimer: NodeJS.Timeout | null = null;
  #garbageTimer: NodeJS.Timeout | null = null;
  readonly #careTimer: NodeJS.Timeout;
  readonly #times: HostTimes;
  #isStopping = false;

  constructor(options: PtyHostOptions) {
    this.#options = options;
    this.#screens = new StoredScreens(options.thread, (id) => terminalDirectory(options.stateDirectory, id));
    this.#times = options.times ?? defaultTimes;
    this.#careTimer = setInterval(() => void this.#careForSocket(), this.#times.socketCareMs);
    this.#events = {
      exited: (terminal) => this.#exited(terminal),
      title: ({ id }, title) => this.#tellAll('title', { terminalId: id, title }),
      resized: ({ id }, size) => this.#tellAll('resized', { terminalId: id, ...size }),
      logDegraded: ({ id }, reason) => {
        options.log('log degraded', { terminalId: id, reason });
        this.#tellAll('logDegraded', { terminalId: id, reason });
      },
      progress: (terminal) => this.#progress(terminal),
      rested: () => {
        this.#garbageTimer ??= setTimeout(() => this.#collectGarbage(), garbageMs);
      },
    };
  }

  async listen(): Promise<void> {
    const { socketPath } = this.#options;
    prepareRunDirectory(dirname(socketPath));
    rmSync(socketPath, { force: true });
    const server = createServer((socket) => void this.#welcome(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    server.on('error', (error) => this.#options.log('socket failed', { reason: error.message }));
    this.#watchLoneliness();
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const timer of [this.#careTimer, this.#progressTimer, this.#lonelyTimer, this.#garbageTimer])
      if (timer !== null) clearTimeout(timer);
    for (const terminal of this.#terminals.values()) terminal.hangUp();
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.close()));
    for (const session of this.#sessions) session.close('host stopped');
    this.#server?.close();
    await this.#options.thread.stop();
    this.#options.onStopped();
  }

  async #welcome(socket: Socket): Promise<void> {
    const { token, buildId, hostId, log } = this.#options;
    const framed = new FramedSocket(socket);
    try {
      const facts = { hostId, buildId, pid: process.pid };
      await welcomeHub(framed, { service: ptyHostService, versions: ptyHostVersions, token, facts });
    } catch (error) {
      log('connection refused', { reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    const session = new HubSession(framed, {
      handlers: this.#handlers(),
      terminal: (terminalId) => this.#terminal(terminalId),
      onClose: (closed) => this.#left(closed),
    });
    this.#sessions.add(session);
    this.#watchLoneliness();
  }

  #left(session: HubSession): void {
    this.#sessions.delete(session);
    // No hub, no viewer: the screen answers the programs' queries again.
    if (this.#sessions.size === 0) for (const { screen } of this.#terminals.values()) screen.setAnswers(true);
    this.#watchLoneliness();
  }

  #handlers(): Omit<Handlers<PtyHostMethods>, 'subscribe'> {
    return {
      list: () => ({ result: [...this.#terminals.values()].map(({ stored }) => stored) }),
      open: async (request) => ({ result: (await this.#open(request)).stored }),
      write: async ({ terminalId, deadlineMs, isTyped }, payload) => {
        const acceptedBytes = await this.#terminal(terminalId).write(payload, deadlineMs);
        return { result: { acceptedBytes }, isLate: isTyped === true };
      },
      resize: ({ terminalId, columns, rows }) => {
        this.#terminal(terminalId).resize({ columns, rows });
        return { result: null };
      },
      read: (params) => this.#read(params),
      snapshot: async ({ terminalId, scrollback, stored }) => {
        const feed = stored === undefined ? this.#terminal(terminalId).screen : this.#screens.of(terminalId, stored);
        const isFlood = this.#terminals.get(terminalId)?.isLive === true && feed.lagBytes > floodLagBytes;
        return snapshotReply(await feed.state(scrollback, isFlood ? floodPatienceMs : this.#patience(terminalId)));
      },
      lines: async ({ terminalId, count, stored }) => {
        const feed = stored === undefined ? this.#terminal(terminalId).screen : this.#screens.of(terminalId, stored);
        return { result: await feed.lines(count, this.#patience(terminalId)) };
      },
      setQueryResponder: ({ terminalId, responder }) => {
        this.#terminal(terminalId).screen.setAnswers(responder === 'screen');
        return { result: null };
      },
      forget: async ({ terminalId }) => ({ result: await this.#forget(terminalId) }),
      stop: () => {
        setImmediate(() => void this.stop());
        return { result: null };
      },
    };
  }

  #patience(terminalId: string): number {
    return this.#terminals.get(terminalId)?.isLive === true ? patienceMs : storedPatienceMs;
  }

  #terminal(terminalId: string): HostedTerminal {
    const terminal = this.#terminals.get(terminalId);
    if (terminal === undefined) throw new HostError('TERMINAL_NOT_FOUND', 'This host has no such terminal.');
    return terminal;
  }

  async #open(request: PtyOpenRequest): Promise<HostedTerminal> {
    const { terminalId } = request;
    if (!isTerminalId(terminalId)) throw new HostError('INVALID_ARGUMENT', 'The id of the terminal is not valid.');
    const isTaken = this.#terminals.has(terminalId) || this.#opening.has(terminalId);
    if (isTaken) throw new HostError('TERMINAL_EXISTS', 'A terminal of this id exists already.');
    const count = this.#terminals.size + this.#opening.size;
    if (this.#isStopping || count >= maxTerminals) throw new HostError('HOST_UNAVAILABLE', 'The host takes no more.');
    this.#opening.add(terminalId);
    try {
      const directory = terminalDirectory(this.#options.stateDirectory, terminalId);
      const terminal = await HostedTerminal.open(request, { ...this.#options, directory, events: this.#events });
      this.#terminals.set(terminalId, terminal);
      return terminal;
    } finally {
      this.#opening.delete(terminalId);
      this.#watchLoneliness();
    }
  }

  async #read({ terminalId, from, maxBytes }: PtyHostMethods['read']['params']) {
    const { log } = this.#terminal(terminalId);
    const pieces: Uint8Array[] = [];
    let start: number | null = null;
    let at = from;
    for (let left = Math.min(maxBytes, maxReadBytes); left > 0;) {
      const slice = await log.read(at, left);
      if (slice === null || (start !== null && slice.offset !== at)) break;
      start ??= slice.offset;
      pieces.push(slice.bytes);
      at = slice.offset + slice.bytes.length;
      left -= slice.bytes.length;
    }
    const { firstOffset, endOffset } = log;
    return {
      result: { offset: start ?? Math.min(from, endOffset), firstOffset, endOffset },
      payload: Buffer.concat(pieces),
    };
  }

  async #forget(terminalId: string): Promise<null> {
    this.#screens.forget(terminalId);
    const terminal = this.#terminals.get(terminalId);
    if (terminal?.isLive === true) throw new HostError('CONFLICT', 'The program in this terminal still runs.');
    this.#terminals.delete(terminalId);
    await terminal?.close();
    this.#watchLoneliness();
    return null;
  }

  #exited(terminal: HostedTerminal): void {
    this.#tellAll('exited', { terminal: terminal.stored });
    this.#watchLoneliness();
  }

  #progress(terminal: HostedTerminal): void {
    this.#changed.add(terminal);
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = null;
      const changes = [...this.#changed].map(({ stored }): TerminalProgress => {
        const { terminalId, endOffset, firstOffset, lastActivityAt } = stored;
        return { terminalId, endOffset, firstOffset, lastActivityAt };
      });
      this.#changed.clear();
      this.#tellAll('progress', changes);
    }, progressMs);
  }

  #collectGarbage(): void {
    this.#garbageTimer = null;
    this.#options.collectGarbage();
  }

  #tellAll: HubSession['tell'] = (type, data) => {
    for (const session of this.#sessions) session.tell(type, data);
  };

  #watchLoneliness(): void {
    if (this.#lonelyTimer !== null) clearTimeout(this.#lonelyTimer);
    this.#lonelyTimer = null;
    const isNeeded =
      this.#sessions.size > 0 || this.#opening.size > 0 || [...this.#terminals.values()].some(({ isLive }) => isLive);
    if (!isNeeded && !this.#isStopping) this.#lonelyTimer = setTimeout(() => void this.stop(), this.#times.lonelyMs);
  }

  async #careForSocket(): Promise<void> {
    const { socketPath, log } = this.#options;
    try {
      lstatSync(socketPath);
      const now = new Date();
      for (const path of [socketPath, dirname(socketPath)]) utimesSync(path, now, now);
    } catch {
      log('socket is gone', { socketPath });
      this.#server?.close();
      await this.listen().catch((error: unknown) => log('no socket', { reason: String(error) }));
    }
  }
}

const snapshotReply = ({ isBehind, data, ...state }: ScreenReading) => ({
  result: { ...state, catchingUp: isBehind },
  payload: Buffer.from(data),
});
