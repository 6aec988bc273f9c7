/** Finds out which host key was refused, after ssh has refused one (P5). */
import { execFile } from 'node:child_process';
import { failed } from '../terminal/call-result.ts';
import type { Guard } from '../../guard.types.ts';
import type { ToolCallRequest } from '../../machine.types.ts';
import type { ToolResult } from '@navisai/protocol';
import { sshOptions, sshProgram } from './ssh-client.ts';
import type { SshFacts } from './ssh-client.ts';

const probeDeadlineMs = 20_000;
const maxProbeBytes = 256 * 1024;
const refusal = 'Host key verification failed';

export const saysHostKeyRefused = (text: string): boolean => text.includes(refusal);

export interface RefusedConnection {
  guard: Guard;
  /** It is looked at from where the call itself ran. */
  request: ToolCallRequest;
  facts: SshFacts;
  /** Options of the call that count before all others. */
  firstOptions: readonly string[];
  variables: Readonly<Record<string, string>>;
}

/** `null` when it was not the host key after all: the words may be those of the remote command. */
export const hostKeyFailure = async (asked: RefusedConnection): Promise<ToolResult | null> => {
  const { facts } = asked;
  const log = await probe(asked);
  if (!saysHostKeyRefused(log)) return null;
  // With a jump host there are several; the last is the one that was refused.
  const [, type = 'unknown', fingerprint = 'unknown'] =
    [...log.matchAll(/Server host key: (\S+) (SHA256:\S+)/g)].at(-1) ?? [];
  const { host, host_key: expected } = facts.connection;
  const isChanged = log.includes('IDENTIFICATION HAS CHANGED');
  const why =
    expected !== undefined
      ? `is not ${expected}`
      : isChanged
        ? 'is another than the one in known_hosts: somebody may be listening, or the host was made anew'
        : 'is not in known_hosts';
  const message = `The host key of ${host} ${why}. It showed ${type} ${fingerprint}. Nothing was sent. If that is right, repeat with host_key, or let the person add it to known_hosts.`;
  return failed('HOST_KEY', { message, metadata: { host_key: fingerprint, host_key_type: type } });
};

/** Ends before anything is sent: the same key is refused again, this time with what ssh knows of it. */
const probe = async ({ guard, request, facts, firstOptions, variables }: RefusedConnection): Promise<string> => {
  const args = [...firstOptions, ...sshOptions(facts, { logLevel: 'DEBUG1' }), '--', facts.connection.host, 'true'];
  const environment = { ...variables };
  const file = sshProgram('ssh', variables);
  const program = await guard.confine({ file, args, workingDirectory: '/', environment }, request);
  return new Promise((resolve) => {
    const options = {
      cwd: program.workingDirectory,
      env: program.environment,
      timeout: probeDeadlineMs,
      maxBuffer: maxProbeBytes,
    };
    execFile(program.file, program.args, options, (_error, _stdout, stderr) => resolve(stderr)).stdin?.end();
  });
};
