/** The state of a resting screen on disk: `screen.json` beside the log, replaced as a whole. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScreenState } from './headless-screen.ts';

const version = 1;
const fileName = 'screen.json';

/** Throws when the disk refuses. */
export const writeCheckpoint = (directory: string, state: ScreenState): void => {
  const path = join(directory, fileName);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, JSON.stringify({ version, state }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    throw error;
  }
};

/** `null` when there is none that can be read. */
export const readCheckpoint = (directory: string): ScreenState | null => {
  try {
    const content = JSON.parse(readFileSync(join(directory, fileName), 'utf8')) as {
      version: number;
      state: ScreenState;
    };
    return content.version === version ? content.state : null;
  } catch {
    return null;
  }
};
