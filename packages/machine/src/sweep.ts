/**
 * Closes background terminals that nobody uses (T25). Activity is output, input, an attached viewer, or CPU used by the
 * process tree; looking at the status is not. Time is counted on the monotonic clock of this process.
 */
import { idleTerminal } from '@navisai/protocol';
import type { TerminalRecord } from './pty-hosts.types.ts';

export interface SweepOptions {
  limitMs?: number | undefined;
  /** Milliseconds on a clock that never goes back. */
  now?: (() => number) | undefined;
  /** Wall-clock time, to compare with the records. */
  wallClock?: (() => number) | undefined;
}

export interface SweptMachine {
  /** Terminals that may be swept. */
  candidates(): TerminalRecord[];
  viewers(terminalId: string): number;
  /** CPU milliseconds used by the process tree of each terminal, by terminal id. */
  cpuTimes(records: TerminalRecord[]): Promise<ReadonlyMap<string, number>>;
  warn(terminalId: string, reason: string): void;
  close(terminalId: string, reason: string): Promise<void>;
}

export interface Sweep extends Disposable {
  /** One look at all terminals; runs by itself every 60 s, or more often under a short limit. */
  look(): Promise<void>;
}

interface Idleness {
  /** Of `TerminalRecord.lastActivityAt`, as last seen. */
  recordedActivity: string;
  activeAt: number;
  cpuMs: number | null;
  isWarned: boolean;
}

export const defaultIdleLimitMs = idleTerminal.limitMinutes * 60_000;
/** CPU use below one thousandth of the time is that of a program which only waits. */
const cpuNoiseShare = 0.001;
/** Process times come in ticks of 10 ms. */
const cpuTickMs = 10;

export const startSweep = (machine: SweptMachine, options: SweepOptions = {}): Sweep => new IdleSweep(machine, options);

class IdleSweep implements Sweep {
  readonly #machine: SweptMachine;
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #wallClock: () => number;
  readonly #known = new Map<string, Idleness>();
  readonly #timer: NodeJS.Timeout;
  #lastLookAt: number;
  #isLooking = false;

  constructor(machine: SweptMachine, options: SweepOptions) {
    this.#machine = machine;
    this.#limitMs = options.limitMs ?? defaultIdleLimitMs;
    this.#now = options.now ?? (() => performance.now());
    this.#wallClock = options.wallClock ?? (() => Date.now());
    this.#lastLookAt = this.#now();
    const gapMs = Math.min(idleTerminal.sweepSeconds * 1000, Math.max(100, this.#limitMs / 6));
    this.#timer = setInterval(() => void this.#lookAlone(), gapMs);
    this.#timer.unref();
  }

  async look(): Promise<void> {
    const sinceLastMs = this.#now() - this.#lastLookAt;
    this.#lastLookAt = this.#now();
    const candidates = this.#machine.candidates();
    const ids = new Set(candidates.map(({ terminalId }) => terminalId));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const silent = candidates.filter((record) => record.exit === null && !this.#isPlainlyActive(record));
    const cpuTimes = silent.length === 0 ? new Map<string, number>() : await this.#machine.cpuTimes(silent);
    const cpuNoiseMs = Math.max(cpuTickMs, sinceLastMs * cpuNoiseShare);
    for (const record of candidates) {
      const state = this.#update(record, { cpuMs: cpuTimes.get(record.terminalId) ?? null, cpuNoiseMs });
      this.#known.set(record.terminalId, state);
      // One that cannot be closed now is tried again as if it were new.
      await this.#judge(record, state).catch(() => undefined);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #lookAlone(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.look().catch(() => undefined);
    this.#isLooking = false;
  }

  #firstSeen(record: TerminalRecord): Idleness {
    // After a restart of the hub the time of the last CPU use is not known, so a live process counts as just active.
    const recordedMs = record.exit === null ? 0 : Math.max(0, this.#wallClock() - Date.parse(record.lastActivityAt));
    const activeAt = this.#now() - recordedMs;
    return { recordedActivity: record.lastActivityAt, activeAt, cpuMs: null, isWarned: false };
  }

  /** Whether it was seen active without looking at its processes. */
  #isPlainlyActive({ terminalId, lastActivityAt }: TerminalRecord): boolean {
    const isNews = lastActivityAt !== this.#known.get(terminalId)?.recordedActivity;
    return isNews || this.#machine.viewers(terminalId) > 0;
  }

  #update(record: TerminalRecord, { cpuMs, cpuNoiseMs }: { cpuMs: number | null; cpuNoiseMs: number }): Idleness {
    const previous = this.#known.get(record.terminalId);
    if (previous === undefined) return { ...this.#firstSeen(record), cpuMs };
    const usedCpu = cpuMs !== null && previous.cpuMs !== null && Math.abs(cpuMs - previous.cpuMs) > cpuNoiseMs;
    const next = { ...previous, cpuMs: cpuMs ?? previous.cpuMs };
    if (!this.#isPlainlyActive(record) && !usedCpu) return next;
    return { ...next, recordedActivity: record.lastActivityAt, activeAt: this.#now(), isWarned: false };
  }

  async #judge({ terminalId }: TerminalRecord, state: Idleness): Promise<void> {
    const idleMs = this.#now() - state.activeAt;
    const warningMs = Math.min(idleTerminal.warningMinutes * 60_000, this.#limitMs / 3);
    if (idleMs >= this.#limitMs) {
      this.#known.delete(terminalId);
      await this.#machine.close(terminalId, `closed after ${inWords(this.#limitMs)} of inactivity`);
    } else if (idleMs >= this.#limitMs - warningMs && !state.isWarned) {
      state.isWarned = true;
      this.#machine.warn(terminalId, `will be closed for inactivity in ${inWords(this.#limitMs - idleMs)}`);
    }
  }
}

const inWords = (durationMs: number): string => {
  const [amount, unit] =
    durationMs >= 60_000 ? [Math.round(durationMs / 60_000), 'minute'] : [Math.ceil(durationMs / 1000), 'second'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
};
