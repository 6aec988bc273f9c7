/**
 * One-shot commands as the hub sees them: each runs at most once in a run-host process that outlives the hub, whoever
 * asks again joins it or gets its recorded result, and what a killed host leaves behind is cleaned up (T7, T8, N7).
 */
import { setTimeout } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { HostError } from './host/host-error.ts';
import { readHostRecords, type HostRecord } from './host/host-record.ts';
import { currentBootId } from './host/hub/current-build.ts';
import { compileOnce, hostMarker, type Launch, launchHost } from './host/hub/launch-host.ts';
import { prepareRunDirectory, runDirectoryFor } from './host/run-directory.ts';
import type { CallOutputSink, RunHosts, RunOutcome, RunRequest } from './machine.types.ts';
import { OutputStore } from './output-store.ts';
import { isAlive, killProcessTrees, unknownLeader } from './process-tree.ts';
import type { CallRecord } from './run/call-record.ts';
import { cleanUpAfterHost, interrupt, type CleanUpPlaces } from './run/clean-up.ts';
import {
  callsDirectoryOf,
  currentBuild,
  machineMarker,
  prepareStateDirectory,
  service,
  type RunHostSettings,
} from './run/host-files.ts';
import { findHost, type HostConnection, type HostLink } from './run/host-link.ts';
import { OutputSweep } from './run/output-sweep.ts';
import { outcomeOf } from './run/outcome.ts';
import { runHostProgram } from './run/run-host-program.ts';
import { watchCall } from './run/watch-call.ts';

export interface RunHostsOptions {
  stateDirectory: string;
  /** `$XDG_RUNTIME_DIR`, where sockets are kept best. */
  runtimeDirectory?: string | undefined;
  /** Names the code that hosts are started with; another one retires the hosts of before. */
  buildId?: string;
  /** Hosts without a hub and a call end after so long. */
  lonelyMs?: number;
  /** What went wrong without a caller to tell. */
  onProblem?(message: string): void;
}

/** Beyond a call's own timeout: ending its tree (15 s) and its output. */
const answerMarginMs = 45_000;
const stopDeadlineMs = 30_000;
/** For an empty host to end its process. */
const leaveDeadlineMs = 3000;
const lookAgainMs = 10;
const defaultLonelyMs = 60_000;
/** A call that has just been asked for is on record soon. */
const recordDeadlineMs = 10_000;

interface CallUnderWay {
  sessionId: string;
  outcome: Promise<RunOutcome>;
}

export const createRunHosts = (options: RunHostsOptions): RunHosts => new LocalRunHosts(options);

class LocalRunHosts implements RunHosts {
  readonly #options: RunHostsOptions;
  readonly #runDirectory: string;
  readonly #buildId: string;
  readonly #store: OutputStore;
  readonly #places: CleanUpPlaces;
  readonly #sweep: OutputSweep;
  readonly #hosts = new Map<string, HostLink>();
  readonly #underWay = new Map<string, CallUnderWay>();
  /** Clean-ups after lost hosts, by host. */
  readonly #losses = new Map<string, Promise<void>>();
  #compiling: Promise<void> | null = null;
  #launching: Promise<HostLink> | null = null;
  #found: Promise<void> | null = null;
  /** Aborted when no more hosts are to be started. */
  readonly #leaving = new AbortController();
  #isClosed = false;

  constructor(options: RunHostsOptions) {
    const { stateDirectory, runtimeDirectory } = options;
    this.#options = options;
    this.#runDirectory = runDirectoryFor(stateDirectory, runtimeDirectory);
    this.#buildId = options.buildId ?? currentBuild();
    this.#store = new OutputStore(callsDirectoryOf(stateDirectory));
    this.#places = { stateDirectory, store: this.#store, bootId: currentBootId() };
    this.#sweep = new OutputSweep(this.#store, (error) => this.#report('Old outputs could not be dropped', error));
  }

  async start(): Promise<void> {
    await this.#findHosts();
    this.#compiling = this.#compileAhead();
    this.#sweep.start();
  }

  run(request: RunRequest): Promise<RunOutcome> {
    const known = this.#underWay.get(request.callId);
    if (known !== undefined) return known.outcome;
    const outcome = this.#run(request).finally(() => this.#underWay.delete(request.callId));
    this.#underWay.set(request.callId, { sessionId: request.sessionId, outcome });
    return outcome;
  }

  async signal(callId: string, signal: NodeJS.Signals): Promise<void> {
    await this.#ask(callId, (connection) => connection.request('signal', { callId, signal }));
  }

  async cancel(callId: string): Promise<void> {
    await this.#ask(callId, (connection) => connection.request('cancel', { callId }));
  }

  has(callId: string): boolean {
    return this.#underWay.has(callId) || this.#store.find(callId) !== null;
  }

  sessionOf(callId: string): string | undefined {
    return this.#underWay.get(callId)?.sessionId ?? this.#store.find(callId)?.facts.sessionId;
  }

  watch(request: { callId: string; stdout: number; stderr: number }, sink: CallOutputSink): { close(): void } {
    return watchCall({
      ...request,
      sink,
      store: this.#store,
      connection: () => this.#connectionOf(request.callId),
      isExpected: () => this.#underWay.has(request.callId),
    });
  }

  async readOutput(request: { callId: string; from: number; maxBytes: number }) {
    const { callId, from, maxBytes } = request;
    const ended = this.#store.ended(callId);
    if (ended !== null) return this.#store.read(callId, ended.result, { from, maxBytes });
    const connection = this.#connectionOf(callId);
    if (connection === null) throw new NavisError('NOT_FOUND', 'There is no output of this call.');
    const ask = { callId, stdout: from, stderr: Number.MAX_SAFE_INTEGER, maxBytes, waitMs: 0 };
    try {
      const { result, payload } = await connection.request('read', ask);
      const { offset, bytes, totalBytes } = result.stdout;
      return { offset, bytes: payload.subarray(0, bytes), endOffset: totalBytes };
    } catch (error) {
      // It ended between the two looks.
      const endedNow = this.#store.ended(callId);
      if (endedNow === null) throw toNavisError(error);
      return this.#store.read(callId, endedNow.result, { from, maxBytes });
    }
  }

  async shutdown(): Promise<void> {
    await this.#findHosts();
    await this.#startNoMore();
    this.#isClosed = true;
    await Promise.all([...this.#hosts.values()].map((host) => this.#stopHost(host)));
    await Promise.all(this.#losses.values());
    await killProcessTrees(markersOf(this.#places).map((marker) => ({ leader: unknownLeader, marker })));
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#sweep.stop();
    await this.#startNoMore();
    for (const { connection } of this.#hosts.values()) connection.end('hub leaves');
    this.#hosts.clear();
    await Promise.all(this.#losses.values());
  }

  async #run(request: RunRequest): Promise<RunOutcome> {
    await this.#findHosts();
    for (let attempt = 1; ; attempt += 1) {
      let connection: HostConnection | null = null;
      try {
        ({ connection } = await this.#current());
        const deadlineMs = request.timeoutMs + answerMarginMs;
        return outcomeOf(await connection.request('run', request, { deadlineMs }));
      } catch (error) {
        this.#requireOpen();
        const isLost = error instanceof HostError && error.code === 'HOST_UNAVAILABLE';
        // One that hangs is given up like one that died.
        if (isLost) connection?.close('silent host');
        const record = this.#store.find(request.callId);
        if (record !== null) return this.#join(record);
        // A host that was lost before it took the call has not run it; one that cannot be started is not tried twice.
        if (!isLost || connection === null || attempt > 1) throw toNavisError(error);
      }
    }
  }

  /** The outcome of a call that was begun before, here or under an earlier hub. */
  async #join({ facts, result }: CallRecord): Promise<RunOutcome> {
    const { callId, hostId, timeoutMs } = facts;
    if (result !== null) return this.#store.outcome({ facts, result });
    const host = this.#hosts.get(hostId);
    if (host !== undefined) {
      try {
        return outcomeOf(await host.connection.request('join', { callId }, { deadlineMs: timeoutMs + answerMarginMs }));
      } catch {
        // It ended just now, or its host did.
        this.#requireOpen();
      }
    }
    await this.#losses.get(hostId);
    if (this.#store.ended(callId) === null) await interrupt(this.#places, callId);
    const ended = this.#store.ended(callId);
    if (ended !== null) return this.#store.outcome(ended);
    throw new NavisError('INTERRUPTED');
  }

  /** This hub leaves, its calls go on: whoever asks again joins them, so they must not be taken for lost. */
  #requireOpen(): void {
    if (this.#isClosed)
      throw new NavisError('HUB_UNREACHABLE', 'The hub is leaving, the call goes on. Ask again with the same call_id.');
  }

  #connectionOf(callId: string): HostConnection | null {
    const hostId = this.#store.find(callId)?.facts.hostId;
    return (hostId === undefined ? undefined : this.#hosts.get(hostId)?.connection) ?? null;
  }

  async #ask(callId: string, ask: (connection: HostConnection) => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    while (this.#underWay.has(callId) && this.#connectionOf(callId) === null) {
      if (performance.now() - startedAt > recordDeadlineMs) break;
      await setTimeout(lookAgainMs);
    }
    const connection = this.#connectionOf(callId);
    if (connection === null) throw new NavisError('NOT_FOUND', 'There is no such call under way.');
    await ask(connection).catch((error: unknown) => Promise.reject(toNavisError(error)));
  }

  #findHosts(): Promise<void> {
    this.#found ??= this.#findAll();
    return this.#found;
  }

  async #findAll(): Promise<void> {
    const { stateDirectory } = this.#places;
    prepareStateDirectory(stateDirectory);
    prepareRunDirectory(this.#runDirectory);
    await Promise.all(readHostRecords(stateDirectory, service).map((record) => this.#find(record)));
  }

  async #find(record: HostRecord): Promise<void> {
    const host = await this.#greet(record);
    if (host === null) return this.#lost(record);
    if (record.buildId !== this.#buildId && host.takesCalls) this.#retire(host);
  }

  async #greet(record: HostRecord): Promise<HostLink | null> {
    if (record.bootId !== this.#places.bootId) return null;
    const { stateDirectory } = this.#places;
    const host = await findHost({ stateDirectory, record, onLost: () => this.#lost(record) });
    if (host !== null && !host.connection.isClosed) this.#hosts.set(record.hostId, host);
    return host;
  }

  /** Code of another build: it finishes what it has. */
  #retire(host: HostLink): void {
    host.takesCalls = false;
    host.connection.request('retire', null).catch(() => undefined);
  }

  /** A host is started by the first command, as none may ever come (M1); it should not wait for the compiler. */
  async #compileAhead(): Promise<void> {
    const hasHost = [...this.#hosts.values()].some(({ takesCalls }) => takesCalls);
    if (!hasHost) await compileOnce(this.#nextLaunch());
  }

  /** One that is being started is ended: nothing depends on it yet. */
  async #startNoMore(): Promise<void> {
    this.#leaving.abort();
    await this.#compiling;
    await this.#launching?.catch(() => undefined);
  }

  async #current(): Promise<HostLink> {
    for (const host of this.#hosts.values()) if (host.takesCalls) return host;
    if (this.#leaving.signal.aborted) throw new NavisError('HOST_UNAVAILABLE', 'The machine is shutting down.');
    this.#launching ??= this.#launch().finally(() => (this.#launching = null));
    return this.#launching;
  }

  async #launch(): Promise<HostLink> {
    await this.#compiling;
    const host = await this.#greet(await launchHost(this.#nextLaunch()));
    if (host === null) throw new NavisError('HOST_UNAVAILABLE');
    return host;
  }

  #nextLaunch(): Launch<RunHostSettings> {
    const { stateDirectory, bootId } = this.#places;
    const { lonelyMs = defaultLonelyMs } = this.#options;
    const settings = { stateDirectory, runDirectory: this.#runDirectory, buildId: this.#buildId, bootId, lonelyMs };
    return { program: runHostProgram, settings, signal: this.#leaving.signal };
  }

  #lost(record: HostRecord): void {
    const { hostId } = record;
    this.#hosts.delete(hostId);
    if (this.#isClosed || this.#losses.has(hostId)) return;
    const cleaned = cleanUpAfterHost(this.#places, record)
      .catch((error: unknown) => this.#report(`Cleaning up after ${hostId} failed`, error))
      .finally(() => this.#losses.delete(hostId));
    this.#losses.set(hostId, cleaned);
  }

  async #stopHost({ record, connection }: HostLink): Promise<void> {
    await connection.request('stop', null, { deadlineMs: stopDeadlineMs }).catch(() => undefined);
    connection.end('stopped');
    const startedAt = performance.now();
    while ((await isAlive(record)) && performance.now() - startedAt < leaveDeadlineMs) await setTimeout(lookAgainMs);
    // One that left by itself has left nothing to clean up.
    await cleanUpAfterHost(this.#places, record);
  }

  #report(what: string, error: unknown): void {
    this.#options.onProblem?.(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const toNavisError = (error: unknown): unknown =>
  error instanceof HostError
    ? new NavisError(error.code, error.message, error.details === undefined ? {} : { details: error.details })
    : error;

/** Of everything that run-hosts have started, and of run-hosts that an earlier hub was starting when it was killed. */
const markersOf = ({ stateDirectory }: CleanUpPlaces): string[] =>
  [machineMarker(stateDirectory), hostMarker(stateDirectory, service)].map(({ name, value }) => `${name}=${value}`);
