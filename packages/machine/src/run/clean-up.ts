/** After a run-host that was killed: its commands are ended, their calls marked as interrupted, its files removed (N7). */
import { removeHostRecord, type HostRecord } from '../host/host-record.ts';
import type { OutputStore } from '../output-store.ts';
import { isAlive, killProcessTree, unknownLeader } from '../process-tree.ts';
import { readActiveCalls } from './active-calls.ts';
import { writeLateResult } from './call-record.ts';
import { activePathOf, callsDirectoryOf } from './host-files.ts';

export interface CleanUpPlaces {
  stateDirectory: string;
  store: OutputStore;
  /** Of now: what another boot of the machine left on record runs no more, and its PIDs mean others. */
  bootId: string;
}

export const cleanUpAfterHost = async (places: CleanUpPlaces, host: HostRecord): Promise<void> => {
  const { stateDirectory } = places;
  // One that hangs or cannot be greeted is ended first, so that it starts nothing more.
  if (host.bootId === places.bootId && (await isAlive(host))) killAlone(host.pid);
  const calls = readActiveCalls(activePathOf(stateDirectory, host.hostId));
  await Promise.all(calls.map((callId) => interrupt(places, callId)));
  removeHostRecord(stateDirectory, host);
};

const killAlone = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
};

/** Ends what is left of a call and records that nobody knows how it would have ended. */
export const interrupt = async ({ stateDirectory, store, bootId }: CleanUpPlaces, callId: string): Promise<void> => {
  const record = store.find(callId);
  if (record === null || record.result !== null) return;
  if (record.facts.bootId === bootId) {
    await killProcessTree({ leader: record.leader ?? unknownLeader, marker: `NAVIS_CALL_ID=${callId}` });
  }
  const endedAt = new Date().toISOString();
  try {
    const result = {
      end: { kind: 'interrupted' },
      endedAt,
      ...store.leftOf(callId),
      warnings: [] as string[],
    } as const;
    writeLateResult(callsDirectoryOf(stateDirectory), callId, result);
  } catch {
    // A disk that refuses: the call is found without a result, which means the same.
  }
};
