/** What the tests of terminals share: a place for each test, and a look at what runs. */
import { afterEach, beforeEach } from 'vitest';
import { readHostRecords, type HostRecord } from './host/host-record.ts';
import { createTestPlace, openRequest, type TestPlace } from './pty-hosts.fixture.ts';
import type { PtyHosts } from './pty-hosts.types.ts';
import { processesOf, unknownLeader } from './process-tree.ts';

/** To be called once, at the top of a file; answers with the place of the test that runs. */
export const useTestPlace = (): (() => TestPlace) => {
  let place: TestPlace;
  beforeEach(() => {
    place = createTestPlace();
  });
  afterEach(() => place[Symbol.asyncDispose]());
  return () => place;
};

export const hostRecordsOf = ({ stateDirectory }: TestPlace): HostRecord[] =>
  readHostRecords(stateDirectory, 'pty-host');

/** Of everything that was started in a terminal. */
export const processCount = async (terminalId: string): Promise<number> =>
  (await processesOf({ leader: unknownLeader, marker: `NAVIS_TERMINAL_ID=${terminalId}` })).length;

/** What `seq` prints in a terminal. */
export const numbers = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${index + 1}\r\n`).join('');

export const open = async (hosts: PtyHosts, script: string, changes = {}): Promise<string> =>
  (await hosts.open(openRequest(script, changes))).terminalId;
