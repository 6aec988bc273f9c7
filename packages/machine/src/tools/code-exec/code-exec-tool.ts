/**
 * The tool `code_exec`: a program text in an interpreter, through the run-host like `run` (P5, T3, T6, T7, N7). A small
 * shell script puts text and input into private files and becomes the interpreter, so that it works the same inside of a
 * sandbox, which has a /tmp of its own.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCodeExecCall, timeoutSeconds } from '@navisai/protocol';
import type { CodeExecCall, ToolResult } from '@navisai/protocol';
import type { Program } from '../../guard.types.ts';
import { isAgents } from '../../mask/mask.ts';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { shellLine } from '../shell-words.ts';
import { refuseForeignCall, runProgram } from '../terminal/run-program.ts';
import type { Invocation, TerminalContext } from '../terminal/terminal-context.types.ts';
import type { PlanCall } from '../tool.types.ts';
import { interpreterOf } from './interpreters.ts';
import type { Interpreter } from './interpreters.ts';

/** Throws INVALID_ARGUMENT. */
export const planCodeExecCall: PlanCall = (context, invocation) => {
  const call = parseCodeExecCall(invocation.request.arguments);
  return {
    action: null,
    access: 'change',
    summary: `${call.language}, ${Buffer.byteLength(call.code)} bytes`,
    isJournaled: false,
    isKnownToHost: () => context.runHosts.sessionOf(invocation.request.callId) !== undefined,
    act: () => runCode(context, invocation, call),
  };
};

const runCode = async (context: TerminalContext, invocation: Invocation, call: CodeExecCall): Promise<ToolResult> => {
  refuseForeignCall(context, invocation);
  const { variables, home, warnings } = await context.environment();
  const workingDirectory = await resolveWorkingDirectory({ requested: call.working_dir, home });
  const interpreter = interpreterOf(call.language, variables);
  const text = call.language === 'shell' ? call.code : shellLine([interpreter.file, '-', ...(call.args ?? [])]);
  context.guard.allowCommand(invocation.request, { text, workingDirectory });
  const folder = await folderFor(context, invocation);
  const path = join(folder, `${prefix}${invocation.request.callId}${interpreter.ending}`);
  const program = programOf(call, { interpreter, path, workingDirectory, variables });
  const confined = await context.guard.confine(program, invocation.request);
  invocation.warnings.push(...warnings);
  const timeoutMs = (call.timeout ?? timeoutSeconds.default) * 1000;
  const result = await runProgram(context, invocation, { program: confined, timeoutMs });
  // Not after an error: the program may go on while this one leaves, and may not have read them yet.
  await removeFiles(path);
  return result;
};

const sharedFolder = '/tmp';

/** What nothing holds back is kept where no agent's program can change it before it runs (A7); elsewhere only /tmp is there. */
const folderFor = async (context: TerminalContext, { request }: Invocation): Promise<string> =>
  context.guard.isRestricted || isAgents(request) ? sharedFolder : context.scriptFolder();

const prefix = 'navis-code-';
const inputEnding = '.in';
/** Of programs whose caller did not live to remove their files; longer than any program runs. */
const leftOverAfterMs = 60 * 60 * 1000;

/**
 * Only built-in commands: a ceiling may allow nothing else. `set -C` makes files that must not exist yet. The texts come
 * as variables, which no other user sees, and go on to nobody.
 */
const script = `set -C; umask 077
printf %s "$NAVIS_CODE" > "$1" && printf %s "$NAVIS_INPUT" > "$1${inputEnding}" || exit 126
exec < "$1${inputEnding}"
unset NAVIS_CODE NAVIS_INPUT
file=$1; interpreter=$2; shift 2
exec "$interpreter" "$file" "$@"`;

interface CodeFacts {
  interpreter: Interpreter;
  path: string;
  workingDirectory: string;
  variables: Readonly<Record<string, string>>;
}

const programOf = (call: CodeExecCall, { interpreter, path, workingDirectory, variables }: CodeFacts): Program => {
  const { PYTHONPATH, NODE_PATH } = variables;
  const modules = interpreter.modules(workingDirectory, call.language === 'python' ? PYTHONPATH : NODE_PATH);
  return {
    file: '/bin/sh',
    args: ['-c', script, 'navis-code', path, interpreter.file, ...(call.args ?? [])],
    workingDirectory,
    environment: { ...variables, ...modules, NAVIS_CODE: call.code, NAVIS_INPUT: call.stdin ?? '' },
  };
};

const removeFiles = async (path: string): Promise<void> => {
  await Promise.all([path, path + inputEnding].map((each) => rm(each, { force: true }).catch(() => undefined)));
};

/** Removes what programs left whose caller did not live to do it. */
export const sweepCode = async (scriptFolder: string, now = Date.now()): Promise<void> => {
  await Promise.all([sweep(sharedFolder, now), sweep(scriptFolder, now)]);
};

const sweep = async (folder: string, now: number): Promise<void> => {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const facts = await stat(join(folder, name)).catch(() => null);
    const isOld = facts !== null && now - facts.mtimeMs > leftOverAfterMs;
    if (isOld && facts.uid === process.getuid?.()) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
};
