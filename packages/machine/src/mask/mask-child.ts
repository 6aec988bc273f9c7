/** Masks a program that a hub starts itself for agents, such as an MCP server (A7, I20). */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Program } from '../guard.types.ts';
import type { MachineOptions } from '../machine-options.types.ts';
import { runDirectoryFor } from '../host/run-directory.ts';
import { programPaths } from '../own-program.ts';
import { findBubblewrap } from '../sandbox/bubblewrap.ts';
import { maskArguments, maskedChild } from '../sandbox/masked.ts';
import { findProgram } from '../tools/find-program.ts';
import { maskPlaces } from './mask-places.ts';

/** The program itself where nothing here can hold it; it ends with its parent. Rejects when there is no such program. */
export const maskChild = async (
  options: Pick<MachineOptions, 'stateDirectory' | 'runtimeDirectory' | 'home' | 'hiddenPaths' | 'programPaths'>,
  program: Program,
): Promise<Program> => {
  const { file, environment } = program;
  const isThere = file.includes('/')
    ? existsSync(resolve(program.workingDirectory, file))
    : findProgram(environment, [file]);
  // Bubblewrap would start and end; whoever spawns this says so better.
  if (isThere === false || isThere === null) throw new Error(`spawn ${file} ENOENT`);
  const bubblewrap = await findBubblewrap();
  if (!('path' in bubblewrap)) return program;
  const { stateDirectory, runtimeDirectory, home, hiddenPaths = [] } = options;
  const places = maskPlaces({
    home,
    hiddenPaths: [stateDirectory, runDirectoryFor(stateDirectory, runtimeDirectory), ...hiddenPaths],
    programPaths: [...(options.programPaths ?? programPaths()), process.execPath],
    runtimeDirectory,
    userId: process.getuid?.() ?? 0,
  });
  return maskedChild({ bubblewrap, mounts: maskArguments(places), program });
};
