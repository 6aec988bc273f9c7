/** What identifiers look like. */
import { z } from 'zod';
import { idPrefixes } from './new-id.ts';
import type { IdKind } from './new-id.ts';

const idSchema = (kind: IdKind) =>
  z.string().regex(new RegExp(`^${idPrefixes[kind]}_[0-9a-z]{4,40}$`), `not a ${kind} id`);

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
