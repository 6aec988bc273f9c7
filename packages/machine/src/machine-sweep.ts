/** Lets the sweep of idle terminals look at and act on this machine (T25). */
import { cpuTimeOf } from './process-tree.ts';
import type { ProcessTable } from './process-table.types.ts';
import type { TerminalRecord } from './pty-hosts.types.ts';
import { startSweep } from './sweep.ts';
import type { TerminalContext } from './tools/terminal/terminal-context.types.ts';

export interface MachineSweepOptions {
  viewers(terminalId: string): number;
  limitMs?: number | undefined;
}

export const startMachineSweep = (
  { hosts, table, closings, info, emit }: TerminalContext,
  { viewers, limitMs }: MachineSweepOptions,
): Disposable =>
  startSweep(
    {
      candidates: () => hosts.list().filter(({ background, keepAlive }) => background && !keepAlive),
      viewers,
      cpuTimes: (records) => cpuTimes(table, records),
      warn: (terminalId, reason) => {
        const record = hosts.get(terminalId);
        if (record !== undefined) emit({ type: 'terminal.idle_warning', terminal: info(record), reason });
      },
      close: async (terminalId, reason) => {
        const record = hosts.get(terminalId);
        if (record !== undefined) await closings.close(record, reason);
      },
    },
    { limitMs },
  );

/** One listing of the processes serves all terminals. */
const cpuTimes = async (table: ProcessTable, records: TerminalRecord[]): Promise<Map<string, number>> => {
  const processes = await table.list();
  const listed = { ...table, list: () => Promise.resolve(processes) };
  const times = new Map<string, number>();
  for (const { terminalId, pid, pidStartTime } of records)
    times.set(terminalId, await cpuTimeOf({ leader: { pid, startTime: pidStartTime } }, listed));
  return times;
};
