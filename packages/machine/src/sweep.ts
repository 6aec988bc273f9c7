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

export const startSweep = (machine: SweptMachine, options: SweepOptions = {}): Sweep => {
  const limitMs = options.limitMs ?? defaultIdleLimitMs;
  const now = options.now ?? (() => performance.now());
  const wallClock = options.wallClock ?? (() => Date.now());
  const warningMs = Math.min(idleTerminal.warningMinutes * 60_000, limitMs / 3);
  const gapMs = Math.min(idleTerminal.sweepSeconds * 1000, Math.max(100, limitMs / 6));
  const known = new Map<string, Idleness>();
  let lastLookAt = now();

  const firstSeen = (record: TerminalRecord): Idleness => {
    // After a restart of the hub the time of the last CPU use is not known, so a live process counts as just active.
    const recordedMs = record.exit === null ? 0 : Math.max(0, wallClock() - Date.parse(record.lastActivityAt));
    return { recordedActivity: record.lastActivityAt, activeAt: now() - recordedMs, cpuMs: null, isWarned: false };
  };

  /** Whether it was seen active without looking at its processes. */
  const isPlainlyActive = (record: TerminalRecord): boolean =>
    record.lastActivityAt !== known.get(record.terminalId)?.recordedActivity || machine.viewers(record.terminalId) > 0;

  const update = (record: TerminalRecord, facts: { cpuMs: number | null; cpuNoiseMs: number }): Idleness => {
    const previous = known.get(record.terminalId) ?? firstSeen(record);
    const { cpuMs, cpuNoiseMs } = facts;
    const usedCpu = cpuMs !== null && previous.cpuMs !== null && Math.abs(cpuMs - previous.cpuMs) > cpuNoiseMs;
    const isActive = known.has(record.terminalId) && (isPlainlyActive(record) || usedCpu);
    const next = { ...previous, cpuMs: cpuMs ?? previous.cpuMs };
    return isActive ? { ...next, recordedActivity: record.lastActivityAt, activeAt: now(), isWarned: false } : next;
  };

  const judge = async (record: TerminalRecord, state: Idleness): Promise<void> => {
    const idleMs = now() - state.activeAt;
    if (idleMs >= limitMs) {
      known.delete(record.terminalId);
      await machine.close(record.terminalId, `closed after ${inWords(limitMs)} of inactivity`);
    } else if (idleMs >= limitMs - warningMs && !state.isWarned) {
      state.isWarned = true;
      machine.warn(record.terminalId, `will be closed for inactivity in ${inWords(limitMs - idleMs)}`);
    }
  };

  const look = async (): Promise<void> => {
    const sinceLastMs = now() - lastLookAt;
    lastLookAt = now();
    const candidates = machine.candidates();
    const ids = new Set(candidates.map(({ terminalId }) => terminalId));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    const silent = candidates.filter((record) => record.exit === null && !isPlainlyActive(record));
    const cpuTimes = silent.length === 0 ? new Map<string, number>() : await machine.cpuTimes(silent);
    const cpuNoiseMs = Math.max(cpuTickMs, sinceLastMs * cpuNoiseShare);
    for (const record of candidates) {
      const state = update(record, { cpuMs: cpuTimes.get(record.terminalId) ?? null, cpuNoiseMs });
      known.set(record.terminalId, state);
      await judge(record, state).catch(() => undefined);
    }
  };

  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look()
      .catch(() => undefined)
      .finally(() => (isLooking = false));
  }, gapMs);
  timer.unref();
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
};

const inWords = (durationMs: number): string => {
  const [amount, unit] =
    durationMs >= 60_000 ? [Math.round(durationMs / 60_000), 'minute'] : [Math.ceil(durationMs / 1000), 'second'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
};
