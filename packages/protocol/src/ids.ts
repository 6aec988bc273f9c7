/** Identifiers: a prefix that tells the kind, then random characters. */
import { z } from 'zod';

const alphabet = '0123456789abcdefghijkmnpqrstuvwxyz'.slice(0, 32);

const prefixes = {
  session: 's',
  terminal: 't',
  device: 'd',
  approval: 'a',
  call: 'c',
  pairing: 'p',
  user: 'u',
  generation: 'g',
  node: 'n',
  message: 'm',
  run: 'r',
  content: 'f',
  rule: 'k',
  recall: 'w',
  recallRun: 'v',
  accessToken: 'x',
  project: 'j',
} as const;
export type IdKind = keyof typeof prefixes;

/** A fresh id of `kind` with 100 random bits, such as `s_4k2…`. */
export const newId = (kind: IdKind): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return `${prefixes[kind]}_${Array.from(bytes, (byte) => alphabet[byte & 31]).join('')}`;
};

const idSchema = (kind: IdKind) =>
  z.string().regex(new RegExp(`^${prefixes[kind]}_[0-9a-z]{4,40}$`), `not a ${kind} id`);

export const sessionIdSchema = idSchema('session');
export const terminalIdSchema = idSchema('terminal');
export const deviceIdSchema = idSchema('device');
export const approvalIdSchema = idSchema('approval');
export const pairingIdSchema = idSchema('pairing');
export const messageIdSchema = idSchema('message');
/** One life of an agent's loop, from the message that starts it to its end; also the id of its stream (N9). */
export const runIdSchema = idSchema('run');
export const contentIdSchema = idSchema('content');
export const ruleIdSchema = idSchema('rule');
export const recallIdSchema = idSchema('recall');
/** One attempt to carry out a recall. */
export const recallRunIdSchema = idSchema('recallRun');
/** Made of its node and its path. */
export const projectIdSchema = idSchema('project');
export const accessTokenIdSchema = idSchema('accessToken');
/** Chosen by the caller so that a retry finds the same call (architecture, idea 4). */
export const callIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, 'a call id has 8 to 64 characters of A-Z a-z 0-9 _ -');
export const nodeIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'not a node id');

/** The hub's own machine (requirements, words). */
export const mainNodeId = 'main';
