/**
 * Finds the host key of an expected fingerprint for a sandbox of user 0: there ssh cannot run the command that would tell it,
 * since it wants to give up groups that it may not change. The key is asked for first, and only the expected one is written down.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guard, Program } from '../../guard.types.ts';
import type { ToolCallRequest } from '../../machine.types.ts';
import { sshOptions, sshProgram } from './ssh-client.ts';
import type { SshFacts } from './ssh-client.ts';

const deadlineMs = 20_000;
const maxBytes = 64 * 1024;
/** Swept with what programs left whose caller did not live to remove it. */
const prefix = 'navis-code-';

export interface ExpectedKey {
  guard: Guard;
  request: ToolCallRequest;
  facts: SshFacts;
  variables: Readonly<Record<string, string>>;
  /** Programs of agents can read it, and nothing but this machine can write it. */
  scriptFolder(): Promise<string>;
}

/** The file that ssh shall know hosts by, to be removed afterwards; `undefined` where ssh can find the key by itself. */
export const writeExpectedKey = async (asked: ExpectedKey): Promise<KnownHosts | undefined> => {
  const { facts, request, scriptFolder } = asked;
  const { host_key: fingerprint } = facts.connection;
  if (fingerprint === undefined || process.getuid?.() !== 0) return undefined;
  const question = keyQuestion(asked);
  const program = await asked.guard.confine(question, request);
  if (program === question) return undefined;
  const shown = (await outputOf(program)).split('\n').filter((line) => fingerprintOf(line) === fingerprint);
  const path = join(await scriptFolder(), `${prefix}known-${request.callId}`);
  // Without the expected key it is empty: then ssh refuses what the host shows, and says so.
  await writeFile(path, shown.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
};

export interface KnownHosts extends AsyncDisposable {
  readonly path: string;
}

/** Takes whatever key the host shows, logs in by nothing, and tells the key; the folder is the sandbox's own. */
const keyQuestion = ({ facts, variables }: ExpectedKey): Program => {
  const { host_key: _expected, ...connection } = facts.connection;
  const once = ['StrictHostKeyChecking=accept-new', 'GlobalKnownHostsFile=/dev/null', 'HashKnownHosts=no'];
  const nothing = ['PreferredAuthentications=none', 'PubkeyAuthentication=no', 'HostbasedAuthentication=no'];
  const options = [...once, ...nothing].flatMap((option) => ['-o', option]);
  const words = [...options, ...sshOptions({ ...facts, connection }), '--', connection.host, 'true'];
  const script =
    'd=$(mktemp -d) || exit 1; s=$1; shift; "$s" -o UserKnownHostsFile="$d/known" "$@" >/dev/null 2>&1 </dev/null; cat "$d/known"; rm -rf "$d"';
  const file = sshProgram('ssh', variables);
  return {
    file: '/bin/sh',
    args: ['-c', script, 'sh', file, ...words],
    workingDirectory: '/',
    environment: { ...variables },
  };
};

const outputOf = ({ file, args, workingDirectory, environment }: Program): Promise<string> =>
  new Promise((resolve) => {
    const options = { cwd: workingDirectory, env: environment, timeout: deadlineMs, maxBuffer: maxBytes };
    execFile(file, args, options, (_error, stdout) => resolve(stdout)).stdin?.end();
  });

/** Of the key in a line of known hosts: names, type, key. */
const fingerprintOf = (line: string): string | undefined => {
  const [, , key] = line.split(' ');
  if (key === undefined) return undefined;
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
};
