/** What is said of an ACP agent that cannot be had or gives up, and what the person can do (I19). */
import { RequestError } from '@agentclientprotocol/sdk';
import { shortForDisplay } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';
import type { AcpAgentConfig } from './acp-agents.ts';

/** Of an error of the agent. */
const maxSaid = 500;
const loginWanted = RequestError.authRequired().code;

/** An error of the agent, as it says it. One that begins no session most often wants its person. */
export const saidBy = (name: string, error: RequestError, isStarting: boolean): NavisError => {
  const words = `The ACP agent ${name} says: ${shortForDisplay(error.message, maxSaid)}`;
  const advice = `${/[.!?]$/.test(words) ? '' : '.'} If it is not logged in, log in with it in a terminal on its node, then send the message again.`;
  return new NavisError('INTERNAL', isStarting || error.code === loginWanted ? words + advice : words, {
    cause: error,
  });
};

/** A program that has ended at once is most likely not there. */
export const notStarted = (name: string, { command }: AcpAgentConfig, cause: unknown): NavisError =>
  new NavisError(
    'SPAWN_FAILED',
    `The ACP agent ${name} could not be started with: ${command}. Is it installed on that node?`,
    { cause },
  );

export const otherVersion = (name: string, { theirs, ours }: { theirs: number; ours: number }): NavisError =>
  new NavisError(
    'VERSION_MISMATCH',
    `The ACP agent ${name} speaks version ${theirs} of the protocol, this hub version ${ours}. Upgrade the older of the two.`,
  );
