/** The program of the hub: checks its runtime, then runs one hub. */
import { mkdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { compileCacheFolder, findHomePath } from './settings/home-path.ts';

/** A native module that is loaded by another runtime crashes, so this comes before all other code (stack.md). */
const neededMajor = 26;
/** Once the hub serves, what was compiled for it is kept for the next start. */
const flushDelayMs = 5000;

const main = async (given: readonly string[]): Promise<number> => {
  if (Number.parseInt(process.versions.node, 10) < neededMajor) {
    const found = process.versions.node;
    process.stderr.write(
      `The hub needs Node.js ${neededMajor} or newer; this is ${found}. Start it with: navisai up\n`,
    );
    return 1;
  }
  keepCompiledCode(given);
  const { runProgram } = await import('./run-program.ts');
  return runProgram(given);
};

const keepCompiledCode = (given: readonly string[]): void => {
  const flag = given.find((argument) => argument.startsWith('--home='))?.slice('--home='.length);
  const home = findHomePath(flag === '' ? undefined : flag);
  try {
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
