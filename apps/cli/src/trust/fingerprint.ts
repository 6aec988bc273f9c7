/** Fingerprints as people compare them: SHA-256 in groups of four, in two rows. */
import { usageError } from '../output/command-error.ts';

const groupLength = 4;
const groupsPerRow = 8;

/** Of 64 hexadecimal digits. */
export const fingerprintRows = (fingerprint: string): [string, string] => {
  const groups = fingerprint.toUpperCase().match(new RegExp(`.{1,${groupLength}}`, 'g')) ?? [];
  return [groups.slice(0, groupsPerRow).join(' '), groups.slice(groupsPerRow).join(' ')];
};

/** However it is grouped. Throws a usage error. */
export const parseFingerprint = (text: string, shown: string): string => {
  const digits = text.replace(/[\s:]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw usageError(
    `${shown} must be a SHA-256 fingerprint: 64 hexadecimal digits.`,
    'See at the hub: navisai trust --phone',
  );
};

/** As short as an address can carry it. */
export const compactFingerprint = (fingerprint: string): string =>
  Buffer.from(fingerprint, 'hex').toString('base64url');
