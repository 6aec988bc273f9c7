/** What is said of an ACP agent that cannot be had or gives up, and what the person can do (I19). */
import { RequestError } from '@agentclientprotocol/sdk';
import { shortForDisplay } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';
import type { AcpAgentConfig } from './acp-agents.ts';
import type { ProgramEnd } from './terminal-channel.ts';

/** Of an error of the agent. */
const maxSaid = 500;
/** Shorter values of variables are ordinary words. */
const minSecret = 6;
const loginWanted = RequestError.authRequired().code;

/** An error of the agent, as it says it. One that begins no session most often wants its person. */
export const saidBy = (name: string, error: RequestError, isStarting: boolean): NavisError => {
  const words = `The ACP agent ${name} says: ${shortForDisplay(error.message, maxSaid)}`;
  const advice = `${/[.!?]$/.test(words) ? '' : '.'} If it is not logged in, log in with it in a terminal on its node, then send the message again.`;
  return new NavisError('INTERNAL', isStarting || error.code === loginWanted ? words + advice : words, {
    cause: error,
  });
};

interface Gone {
  agent: AcpAgentConfig;
  end: ProgramEnd | undefined;
}

/** By which shells say that there is no such program. */
const notFoundCode = 127;

export const notStarted = (name: string, { agent, end }: Gone, cause: unknown): NavisError => {
  const why = end === undefined || end.exitCode === notFoundCode ? ' Is it installed on that node?' : '';
  const what = `The ACP agent ${name} could not be started with: ${agent.command}.`;
  return new NavisError('SPAWN_FAILED', what + why + lastWords({ agent, end }), { cause });
};

export const hasEnded = (name: string, gone: Gone): NavisError =>
  new NavisError('INTERRUPTED', `The ACP agent ${name} has ended.${lastWords(gone)}`);

/** Without what its variables hold: that is secret, and problems are kept. */
const lastWords = ({ agent: { env = {} }, end }: Gone): string => {
  if (end === undefined || end.words.trim() === '') return '';
  const secrets = Object.values(env).flatMap((value) => value.split('\n').map((line) => line.trim()));
  const words = secrets
    .filter((secret) => secret.length >= minSecret)
    .reduce((text, secret) => text.replaceAll(secret, '[hidden]'), end.words);
  const oneLine = words.trim().replaceAll(/\s+/g, ' ').slice(-maxSaid).toWellFormed();
  return ` The last that it said: ${shortForDisplay(oneLine, maxSaid)}`;
};

export const otherVersion = (name: string, { theirs, ours }: { theirs: number; ours: number }): NavisError =>
  new NavisError(
    'VERSION_MISMATCH',
    `The ACP agent ${name} speaks version ${theirs} of the protocol, this hub version ${ours}. Upgrade the older of the two.`,
  );
