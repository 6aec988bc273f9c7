/** A clock that a test may set forward and back under running programs, by libfaketime (Debian package `libfaketime`). */
import { globSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SteppedClock extends AsyncDisposable {
  /** What a program is started with that shall live by this clock. */
  readonly environment: Record<string, string>;
  /** Seconds that the clock is ahead of the true time from now on; monotonic time goes on undisturbed. */
  set(aheadSeconds: number): Promise<void>;
}

/** `undefined` where the library is not installed. */
export const createSteppedClock = async (): Promise<SteppedClock | undefined> => {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  if (library === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'navis-clock-'));
  const file = join(folder, 'ahead');
  /** In one step: a program that finds the file empty ends itself. */
  const set = async (aheadSeconds: number): Promise<void> => {
    await writeFile(`${file}.next`, `${aheadSeconds < 0 ? '-' : '+'}${Math.abs(aheadSeconds)}`);
    await rename(`${file}.next`, file);
  };
  await set(0);
  return {
    set,
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};
