/** The log of a terminal that no host has in memory, read from its files. */
import { listSegments, readSegments, type LogSlice } from './log-segments.ts';

export interface StoredLog {
  readonly firstOffset: number;
  readonly endOffset: number;
  readMemory(): null;
  read(from: number, maxBytes: number): Promise<LogSlice | null>;
}

/** As its files are now. */
export const openStoredLog = (directory: string): StoredLog => {
  const segments = listSegments(directory);
  const endOffset = segments.at(-1)?.end ?? 0;
  return {
    firstOffset: segments[0]?.start ?? endOffset,
    endOffset,
    readMemory: () => null,
    read: (from, maxBytes) => readSegments({ directory, segments }, { from, maxBytes }),
  };
};
