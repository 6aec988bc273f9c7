/** Entry of the CLI: runs one command and leaves with its exit code. */
import { runProgram } from './command-line/run-program.ts';

const exitCode = await runProgram({
  words: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});

// Output to a pipe may still be under way where writing is asynchronous; then nothing keeps us.
process.stdout.write('', () => process.exit(exitCode));
