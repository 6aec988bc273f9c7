/** Answers of reads wait until what they have seen is on disk: nobody is told what a power cut could undo. */
import type { KyselyPlugin } from 'kysely';
import type { DiskSync } from '../disk-sync.ts';

export const readsFromDisk = (sync: DiskSync): KyselyPlugin => ({
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    await sync.passed();
    return result;
  },
});
