/** After a run-host that was killed: its commands are ended, their calls marked as interrupted, its files removed (N7). */
import type { ProcessReference } from '../process-table.types.ts';
import { isAlive, killProcessTree } from '../process-tree.ts';
import type { OutputStore } from '../output-store.ts';
import { readActiveCalls } from './active-calls.ts';
import { callsDirectoryOf, activePathOf, readHostProcess, removeHostFiles, type HostPlaces } from './host-files.ts';
import { writeLateResult } from './call-record.ts';

/** No process: the marker alone finds the tree. */
export const unknownLeader: ProcessReference = { pid: 0, startTime: '' };

export interface CleanUpRequest {
  places: HostPlaces;
  hostId: string;
  store: OutputStore;
}

export const cleanUpAfterHost = async ({ places, hostId, store }: CleanUpRequest): Promise<void> => {
  // A host that hangs or cannot be greeted is ended first, so that it starts nothing more.
  const leader = readHostProcess(places, hostId);
  if (leader !== null) await killHostAlone(leader);
  const calls = readActiveCalls(activePathOf(places, hostId));
  await Promise.all(calls.map((callId) => interrupt({ places, store, callId })));
  removeHostFiles(places, hostId);
};

const killHostAlone = async (host: ProcessReference): Promise<void> => {
  if (!(await isAlive(host))) return;
  try {
    process.kill(host.pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
};

/** Ends what is left of a call and records that nobody knows how it would have ended. */
export const interrupt = async (request: { places: HostPlaces; store: OutputStore; callId: string }): Promise<void> => {
  const { places, store, callId } = request;
  const record = store.find(callId);
  if (record === null || record.result !== null) return;
  await killProcessTree({ leader: record.leader ?? unknownLeader, marker: `NAVIS_CALL_ID=${callId}` });
  const result = {
    end: { kind: 'interrupted' },
    endedAt: new Date().toISOString(),
    ...store.leftOf(callId),
    warnings: [],
  } as const;
  try {
    writeLateResult(callsDirectoryOf(places.stateDirectory), callId, { ...result, warnings: [] });
  } catch {
    // A disk that refuses: the call is found without a result, which means the same.
  }
};
