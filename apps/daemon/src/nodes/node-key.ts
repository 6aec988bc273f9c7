/** One-time keys of nodes: made, and compared in constant time; the hub keeps their hashes only (N2). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 random bits. */
export const newSecret = (): string => randomBytes(16).toString('base64url');

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Takes the same time wherever the two differ; also when there is nothing to compare with. */
export const isSameHash = (given: string, kept: string | undefined): boolean => {
  const other = kept ?? '0'.repeat(given.length);
  const isEqual = given.length === other.length && timingSafeEqual(Buffer.from(given), Buffer.from(other));
  return isEqual && kept !== undefined;
};
