/** The program of the hub: checks its runtime, reads its flags, runs one hub. */

/** A native module that is loaded by another runtime crashes, so this comes before every import (stack.md). */
const neededMajor = 26;

const main = async (): Promise<void> => {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < neededMajor) {
    process.stderr.write(
      `The hub needs Node.js ${neededMajor} or newer; this is ${process.versions.node}. Start it with: navisai up\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { runProgram } = await import('./run-program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
};

await main();
