/** What is done about terminals whose host or machine died: their processes end, their record says what happened. */
import { killProcessTree } from '../../process-tree.ts';
import { listSegments } from '../log-segments.ts';
import { terminalDirectory, writeStoredTerminal, type StoredTerminal } from '../stored-terminal.ts';

export const lostReasons = { reboot: 'lost (reboot)', hostEnded: 'lost (terminal host ended)' } as const;

/** The record as it must be now; what is on disk tells how far the log came. */
export const markLost = (stateDirectory: string, terminal: StoredTerminal, bootId: string): StoredTerminal => {
  const directory = terminalDirectory(stateDirectory, terminal.terminalId);
  const segments = listSegments(directory);
  const reason = terminal.bootId === bootId ? lostReasons.hostEnded : lostReasons.reboot;
  const lost: StoredTerminal = {
    ...terminal,
    firstOffset: segments[0]?.start ?? 0,
    endOffset: segments.at(-1)?.end ?? 0,
    exit: { exitCode: null, signal: null, at: new Date().toISOString(), kind: 'lost', reason },
  };
  try {
    writeStoredTerminal(directory, lost);
  } catch {
    // A full disk: the next start finds out again.
  }
  return lost;
};

/** After a reboot nothing of it can run. */
export const endLeftovers = async (terminal: StoredTerminal, bootId: string): Promise<void> => {
  if (terminal.bootId === bootId) await killProcessTree(treeOf(terminal));
};

export const treeOf = ({ pid, pidStartTime, terminalId }: StoredTerminal) => ({
  leader: { pid, startTime: pidStartTime },
  marker: `NAVIS_TERMINAL_ID=${terminalId}`,
});
