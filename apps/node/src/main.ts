/** The program of a node: checks its runtime, then serves this machine to one hub. */
import { mkdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { compileCacheFolder, findHomePath } from './settings/home-path.ts';

/** A native module that is loaded by another runtime crashes, so this comes before all other code (stack.md). */
const neededMajor = 26;
/** Once the node serves, what was compiled for it is kept for the next start. */
const flushDelayMs = 5000;

/** Others may run these, such as root while installing: they leave nothing in the node's folder. */
const briefModes: ReadonlySet<string> = new Set(['status', 'leave', 'service', '--help', '-h']);

const main = async (given: readonly string[]): Promise<number> => {
  if (Number.parseInt(process.versions.node, 10) < neededMajor) {
    const found = process.versions.node;
    process.stderr.write(
      `A node needs Node.js ${neededMajor} or newer; this is ${found}. Start it with: navisai node join\n`,
    );
    return 1;
  }
  if (!given.some((word) => briefModes.has(word))) keepCompiledCode(given);
  const { runProgram } = await import('./run-program.ts');
  return runProgram(given);
};

const keepCompiledCode = (given: readonly string[]): void => {
  try {
    const home = findHomePath(given);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    enableCompileCache(compileCacheFolder(home));
    setTimeout(flushCompileCache, flushDelayMs).unref();
  } catch {
    // A home that cannot be written: slower, and reported soon.
  }
};

const exitCode = await main(process.argv.slice(2));
// Everything is closed by now; a socket that the runtime still holds to be under way must not keep it here, spinning.
process.stdout.write('', () => process.exit(exitCode));
