/** The pty-hosts that run for one state directory: found again, started on need, replaced after an upgrade. */
import { mkdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { hostsDirectory, readHostRecords, removeHostRecord, tokenPath, type HostRecord } from '../host-record.ts';
import { ptyHostService } from '../pty-host-protocol.ts';
import { killProcessTree, unknownLeader } from '../../process-tree.ts';
import { HostError } from '../host-error.ts';
import type { PtyHostConfig } from '../pty-host.ts';
import { prepareRunDirectory, readOrCreateToken } from '../run-directory.ts';
import { HostLink, isHostAlive, type HostLinkOptions } from './host-link.ts';
import { hostMarker, launchHost } from './launch-host.ts';
import { ptyHostProgram } from './pty-host-program.ts';

export interface HostPoolOptions {
  stateDirectory: string;
  runDirectory: string;
  retainBytes: number;
  buildId: string;
  bootId: string;
  events: HostLinkOptions['events'];
  onData: HostLinkOptions['onData'];
  onConnected(link: HostLink): void;
  /** The host process has ended, by itself or not. */
  onGone(link: HostLink): void;
  onProblem(message: string): void;
}

/** After being asked to stop; then it is killed. */
const stopDeadlineMs = 5000;
const stopPollMs = 10;

export class HostPool {
  readonly #options: HostPoolOptions;
  readonly #links = new Map<string, HostLink>();
  #launching: Promise<HostLink> | null = null;
  #token: Buffer | null = null;
  /** Aborted when no more hosts are to be started. */
  readonly #leaving = new AbortController();
  #isClosed = false;

  constructor(options: HostPoolOptions) {
    this.#options = options;
  }

  /** Connects to every host that lives; one that does not answer is kept and tried again. */
  async adopt(): Promise<void> {
    const { stateDirectory, runDirectory, bootId, onProblem } = this.#options;
    mkdirSync(hostsDirectory(stateDirectory), { recursive: true, mode: 0o700 });
    prepareRunDirectory(runDirectory);
    const adoptOne = async (record: HostRecord): Promise<void> => {
      const lives = record.bootId === bootId && (await isHostAlive(record));
      if (!lives) return removeHostRecord(stateDirectory, record);
      await this.#link(record)
        .connect()
        .catch((error: unknown) => onProblem(`Terminal host ${record.hostId} does not answer: ${String(error)}`));
    };
    await Promise.all(readHostRecords(stateDirectory, ptyHostService).map(adoptOne));
  }

  get(hostId: string): HostLink | undefined {
    return this.#links.get(hostId);
  }

  all(): HostLink[] {
    return [...this.#links.values()];
  }

  /** A host of this code's build, started if there is none. Rejects HOST_UNAVAILABLE, also once the hub leaves. */
  current(): Promise<HostLink> {
    if (this.#leaving.signal.aborted)
      return Promise.reject(new HostError('HOST_UNAVAILABLE', 'The hub stops and keeps no more terminals.'));
    const { buildId } = this.#options;
    const link = this.all().find((one) => one.record.buildId === buildId && one.isConnected);
    if (link !== undefined) return Promise.resolve(link);
    this.#launching ??= this.#launch().finally(() => (this.#launching = null));
    return this.#launching;
  }

  /** Stops hosts of other builds that keep nothing alive. */
  async retire(isInUse: (hostId: string) => boolean): Promise<void> {
    const { buildId } = this.#options;
    const old = this.all().filter(({ record }) => record.buildId !== buildId && !isInUse(record.hostId));
    await Promise.all(old.filter(({ isConnected }) => isConnected).map((link) => this.stop(link)));
  }

  /** Ends the process, gently or not; resolves when it is gone. */
  async stop(link: HostLink): Promise<void> {
    const { record } = link;
    this.#links.delete(record.hostId);
    if (link.isConnected) await link.request('stop', null).catch(() => undefined);
    link.close();
    const giveUpAt = performance.now() + stopDeadlineMs;
    while (await isHostAlive(record)) {
      if (performance.now() > giveUpAt) killAlone(record.pid);
      await setTimeout(stopPollMs);
    }
    removeHostRecord(this.#options.stateDirectory, record);
    this.#options.onGone(link);
  }

  /** Kills a host that does not answer. */
  async #kill(link: HostLink): Promise<void> {
    if (await isHostAlive(link.record)) killAlone(link.record.pid);
    await this.stop(link);
  }

  /** From now on none is used for what is new, or started; one that is being started is ended. */
  async startNoMore(): Promise<void> {
    this.#leaving.abort();
    await this.#launching?.catch(() => undefined);
  }

  /** Ends all of them, with any that an earlier hub was starting when it was killed. */
  async stopAll(): Promise<void> {
    await this.startNoMore();
    await Promise.all(this.all().map((link) => (link.isConnected ? this.stop(link) : this.#kill(link))));
    const { name, value } = hostMarker(this.#options.stateDirectory, ptyHostProgram.service);
    await killProcessTree({ leader: unknownLeader, marker: `${name}=${value}` });
  }

  /** Leaves all of them running that serve. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    await this.startNoMore();
  }

  async #launch(): Promise<HostLink> {
    const { stateDirectory, runDirectory, retainBytes, buildId, bootId } = this.#options;
    const record = await launchHost<PtyHostConfig>({
      program: ptyHostProgram,
      settings: { stateDirectory, runDirectory, retainBytes, buildId, bootId },
      signal: this.#leaving.signal,
    });
    const link = this.#link(record);
    await link.connect();
    return link;
  }

  #link(record: HostRecord): HostLink {
    const { stateDirectory, events, onData, onConnected, onGone, onProblem } = this.#options;
    this.#token ??= readOrCreateToken(tokenPath(stateDirectory));
    const link: HostLink = new HostLink({
      record,
      token: this.#token,
      events,
      onData,
      onConnected: () => onConnected(link),
      onGone: () => {
        if (this.#isClosed || !this.#links.delete(record.hostId)) return;
        removeHostRecord(stateDirectory, record);
        onGone(link);
      },
      onProblem,
    });
    this.#links.set(record.hostId, link);
    return link;
  }
}

const killAlone = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
};
