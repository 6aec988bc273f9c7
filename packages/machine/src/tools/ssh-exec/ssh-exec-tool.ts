/** The tool `ssh_exec`: a command on another host, or a file to or from it, by the system's OpenSSH client (P5, N7). */
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { parseSshExecCall, timeoutSeconds } from '@navisai/protocol';
import type { SshExecCall, ToolResult } from '@navisai/protocol';
import type { RunOutcome } from '../../machine.types.ts';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { fileError, isMissing } from '../filesystem/file-errors.ts';
import { FileAccess } from '../filesystem/file-access.ts';
import type { Place } from '../filesystem/file-access.ts';
import { openRegularFile } from '../filesystem/regular-file.ts';
import { putInPlace, statsOf, temporaryPrefix } from '../filesystem/replace-file.ts';
import { checkTarget } from '../filesystem/target.ts';
import { shellLine } from '../shell-words.ts';
import { failed } from '../terminal/call-result.ts';
import { outcomeOfProgram, refuseForeignCall, resultOfRun } from '../terminal/run-program.ts';
import type { Invocation, TerminalContext } from '../terminal/terminal-context.types.ts';
import type { PlanCall } from '../tool.types.ts';
import { writeExpectedKey } from './expected-key.ts';
import { hostKeyFailure, saysHostKeyRefused } from './host-key.ts';
import { onlyKnownBy, scpHost, sshOptions, sshProgram } from './ssh-client.ts';
import type { SshFacts } from './ssh-client.ts';

/** By which ssh says that it failed itself. */
const sshFailed = 255;

/** Throws INVALID_ARGUMENT. */
export const planSshExecCall: PlanCall = (context, invocation) => {
  const { call, warnings } = parseSshExecCall(invocation.request.arguments);
  invocation.warnings.push(...warnings);
  return {
    action: call.action,
    access: 'change',
    summary: summaryOf(call),
    isJournaled: false,
    isKnownToHost: () => context.runHosts.sessionOf(invocation.request.callId) !== undefined,
    act: async () => {
      refuseForeignCall(context, invocation);
      const work = await prepare(context, invocation, call);
      if (call.action === 'run') return connect(work, sshWords(work, call));
      return call.action === 'upload' ? upload(work, call) : download(work, call);
    },
  };
};

const summaryOf = (call: SshExecCall): string => {
  const host = call.user === undefined ? call.host : `${call.user}@${call.host}`;
  if (call.action === 'run') return `${host}: ${call.command}`;
  return call.action === 'upload'
    ? `${call.local_path} to ${host}:${call.remote_path}`
    : `${host}:${call.remote_path} to ${call.local_path}`;
};

interface SshWork {
  context: TerminalContext;
  invocation: Invocation;
  call: SshExecCall;
  facts: SshFacts;
  files: FileAccess;
  workingDirectory: string;
  variables: Readonly<Record<string, string>>;
}

const prepare = async (context: TerminalContext, invocation: Invocation, call: SshExecCall): Promise<SshWork> => {
  const { variables, home, warnings } = await context.environment();
  invocation.warnings.push(...warnings);
  const workingDirectory = await resolveWorkingDirectory({ requested: call.working_dir, home });
  const files = new FileAccess({
    home,
    workingDirectory: call.working_dir,
    allow: (realPath, access) => context.guard.allowPath(invocation.request, { realPath, access }),
    signal: invocation.signal,
  });
  const { identity_file: identity } = call;
  const identityFile = identity === undefined ? undefined : await files.absolute(identity);
  const facts = { connection: call, home, identityFile };
  return { context, invocation, call, facts, files, workingDirectory, variables };
};

interface Words {
  program: 'ssh' | 'scp';
  args: string[];
  /** What the policy judges. */
  judged: string[];
}

/** Everything after `--` is no option, neither the host nor the command. */
const sshWords = ({ facts }: SshWork, { host, command }: SshExecCall & { action: 'run' }): Words => ({
  program: 'ssh',
  args: [...sshOptions(facts), '-T', '--', host, command],
  judged: ['ssh', '--', host, command],
});

const scpWords = ({ facts }: SshWork, from: string, to: string): Words => ({
  program: 'scp',
  args: [...sshOptions(facts), '--', from, to],
  judged: ['scp', '--', from, to],
});

const connect = async (work: SshWork, words: Words): Promise<ToolResult> => {
  const { context, invocation, call, facts, workingDirectory, variables } = work;
  const file = sshProgram(words.program, variables);
  context.guard.allowCommand(invocation.request, { text: shellLine(words.judged), workingDirectory });
  const environment = { ...variables };
  const isRepeat = context.runHosts.sessionOf(invocation.request.callId) !== undefined;
  await using known = isRepeat ? undefined : await writeExpectedKey({ ...context, ...invocation, facts, variables });
  const firstOptions = known === undefined ? [] : onlyKnownBy(known.path);
  const args = [...firstOptions, ...words.args];
  const program = await context.guard.confine({ file, args, workingDirectory, environment }, invocation.request);
  const timeoutMs = (call.timeout ?? timeoutSeconds.default) * 1000;
  const outcome = await outcomeOfProgram(context, invocation, { program, timeoutMs });
  if (outcome === null) return failed('CANCELLED');
  const asked = { ...context, ...invocation, facts, firstOptions, variables };
  const hostKey = mayBeHostKey(outcome) ? await hostKeyFailure(asked) : null;
  return hostKey ?? resultOfRun(outcome, { callId: invocation.request.callId, timeoutMs });
};

/** scp ends by another code than the ssh that it has started. */
const mayBeHostKey = ({ end, stderr }: RunOutcome): boolean =>
  end.kind === 'ended' &&
  (end.exitCode === sshFailed || end.exitCode === 1) &&
  saysHostKeyRefused(Buffer.concat([stderr.head, stderr.tail]).toString());

const upload = async (work: SshWork, call: SshExecCall & { action: 'upload' }): Promise<ToolResult> => {
  const { files } = work;
  await using place = await files.place({ given: call.local_path, access: 'read', field: 'local_path' });
  try {
    // Only looked at: what is no file is refused before anything is sent.
    await using _file = await openRegularFile(place);
  } catch (error) {
    throw fileError(error, call.local_path, 'local_path');
  }
  return connect(work, scpWords(work, place.realPath, `${scpHost(call)}:${call.remote_path}`));
};

/** Beside the target first; in place when all of it has come. */
const download = async (work: SshWork, call: SshExecCall & { action: 'download' }): Promise<ToolResult> => {
  const { files, invocation } = work;
  const request = { given: call.local_path, access: 'write', field: 'local_path', mayBeMissing: true } as const;
  await using place = await files.place(request);
  try {
    const { overwrite = false } = call;
    const isRepeat = work.context.runHosts.sessionOf(invocation.request.callId) !== undefined;
    if (!isRepeat) await checkTarget(place, { overwrite, isDirectory: false });
    const name = temporaryName(invocation.request.callId);
    const origin = `${scpHost(call)}:${withoutGlob(call.remote_path)}`;
    const result = await connect(work, scpWords(work, origin, place.directory.realPathOf(name)));
    const temporary = place.directory.entry(name);
    if (result.success) return await putDownloaded(place, { temporary, overwrite, isRepeat, result });
    await unlink(temporary).catch(() => undefined);
    return result;
  } catch (error) {
    throw fileError(error, call.local_path, 'local_path');
  }
};

interface Downloaded {
  temporary: string;
  overwrite: boolean;
  isRepeat: boolean;
  result: ToolResult;
}

const putDownloaded = async (
  place: Place,
  { temporary, overwrite, isRepeat, result }: Downloaded,
): Promise<ToolResult> => {
  try {
    await putInPlace(place, { temporary, replaced: overwrite ? undefined : null });
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    // A program that ended after the rename and before the answer.
    if (!(isRepeat && isMissing(error))) throw error;
  }
  await place.directory.sync();
  const size = Number((await statsOf(place))?.size ?? 0);
  const facts = { ...result.metadata, path: place.realPath, size_bytes: size };
  return { ...result, output: `Downloaded to ${place.realPath}, ${size} bytes.`, metadata: facts };
};

const temporaryName = (callId: string): string =>
  `${temporaryPrefix}${createHash('sha256').update(callId).digest('hex').slice(0, 16)}.tmp`;

/** scp expands patterns in the names of files that it fetches. */
const withoutGlob = (path: string): string => path.replace(/[\\*?[\]{}]/g, String.raw`\$&`);
