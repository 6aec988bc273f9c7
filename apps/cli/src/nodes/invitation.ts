/** The key of a new node as the person pastes it, and the wait until that node is there. */
import type { Api } from '@navisai/client';
import { NavisError, type NodeInfo, type RouteResponse } from '@navisai/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../output/command-error.ts';
import { formatDuration } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

export type Invitation = RouteResponse<'addNode'>;

const pollMs = 300;
const interruptedExitCode = 130;
const timeoutExitCode = 124;

/** `{id, key, command}` with `--json`; for people the line to paste and until when it works. */
export const printInvitation = ({ node, key, command }: Invitation, output: Output, headline: string): void =>
  output.result({ id: node.id, key, command, name: node.name, expiresAt: node.keyExpiresAt }, () => [
    `${output.colors.green('●')} ${headline}`,
    `  Paste this in a shell of that machine${untilText(node)}:`,
    '',
    printable(command),
    '',
    '  The key in it works once. Nobody but that machine should see it.',
    ...(isOnlyHere(command) ? [`  ${output.colors.yellow('!')} ${onlyHere}`] : []),
  ]);

/** The line names an address that means another machine to every other machine. */
const isOnlyHere = (command: string): boolean =>
  /https:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/]?/.test(command);

const onlyHere =
  'This hub has no address that other machines reach. Give it one: navisai setup, or "listen" and "origins" in config.json.';

const untilText = ({ keyExpiresAt }: NodeInfo): string => {
  if (keyExpiresAt === null) return '';
  const left = formatDuration(Date.parse(keyExpiresAt) - Date.now());
  return `, until ${keyExpiresAt.slice(0, 16).replace('T', ' ')} UTC (${left})`;
};

export interface NodeWait {
  api: Api;
  id: string;
  /** It counts as there when it has connected after this. */
  after: string;
  output: Output;
  timeoutSeconds: number | undefined;
}

/** Resolves with the exit code when the node is connected, its key is too old, the time is over, or Ctrl-C. */
export const waitForNode = async ({ api, id, after, output, timeoutSeconds }: NodeWait): Promise<number> => {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const end = timeoutSeconds === undefined ? Infinity : performance.now() + timeoutSeconds * 1000;
  if (!output.isJson) output.remark('Waiting for it to connect … (Ctrl-C leaves; the key goes on working)');
  try {
    for (;;) {
      const node = await askNode(api, id);
      if (node?.state === 'online' && node.connectedAt !== null && node.connectedAt >= after) {
        const { hostname = '', os = '', arch = '' } = node.platform ?? {};
        if (!output.isJson) output.line(`Connected: ${printable(`${node.name}, ${hostname}, ${os} ${arch}`)}`);
        return 0;
      }
      if (node !== undefined) checkStillInvited(node);
      if (interrupted.signal.aborted) return interruptedExitCode;
      if (performance.now() > end) throw waitedTooLong(timeoutSeconds ?? 0);
      await delay(pollMs, undefined, { signal: interrupted.signal }).catch(() => undefined);
    }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

/** `undefined` while the hub is away: it may restart meanwhile. */
const askNode = async (api: Api, id: string): Promise<NodeInfo | undefined> => {
  try {
    return await api.node({ params: { id } });
  } catch (error) {
    if (error instanceof NavisError && error.code === 'HUB_UNREACHABLE') return undefined;
    throw error;
  }
};

const checkStillInvited = ({ name, state, keyExpiresAt }: NodeInfo): void => {
  const isTooOld = state === 'invited' && keyExpiresAt !== null && Date.parse(keyExpiresAt) < Date.now();
  if (state !== 'revoked' && !isTooOld) return;
  throw new CommandError(state === 'revoked' ? 'The node was revoked.' : 'The key is too old now; nobody used it.', {
    code: 'NODE_KEY',
    exitCode: 4,
    affects: 'The node did not join.',
    remedy: `navisai nodes rekey ${printable(name)}`,
  });
};

const waitedTooLong = (seconds: number): CommandError =>
  new CommandError(`The node did not connect within ${seconds} s.`, {
    code: 'timeout',
    exitCode: timeoutExitCode,
    affects: 'Its key goes on working.',
    remedy: 'navisai nodes list',
  });
