/** What the hub narrowed, kept beside the machine's state so that a restart does not forget it (N12). */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ceiling } from '@navisai/protocol';
import { parseCeiling } from './policy-file.ts';
import { writeDurably } from './write-durably.ts';

export interface OverlayFile {
  /** Throws POLICY_DENIED when what was kept cannot be read: then nothing is known of the hub's limits. */
  load(): Ceiling | null;
  save(overlay: Ceiling | null): void;
}

export const createOverlayFile = (stateDirectory: string): OverlayFile => {
  const path = join(stateDirectory, 'policy-overlay.json');
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
      return parseCeiling(path, text);
    },
    save(overlay) {
      if (overlay === null) return rmSync(path, { force: true });
      writeDurably(path, `${JSON.stringify(overlay, undefined, 2)}\n`);
    },
  };
};
