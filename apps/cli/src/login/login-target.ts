/** What `navisai login` is given: the hub's address, or a pairing link that also tells how to know the hub. */
import { usageError } from '../output/command-error.ts';
import { compactFingerprint } from '../trust/fingerprint.ts';

export interface LoginTarget {
  origin: string;
  /** One-time, of a pairing link. */
  token: string | undefined;
  /** SHA-256 of the hub's CA, lower-case hex. */
  fingerprint: string | undefined;
}

const tokenPattern = /^([A-Za-z0-9_-]{22})(?:\.([A-Za-z0-9_-]{43}))?$/;

/** The link for a CLI elsewhere. The fragment never travels to a server. */
export const loginLink = (pairingUrl: string, fingerprint: string): string =>
  `${pairingUrl}.${compactFingerprint(fingerprint)}`;

/** Throws a usage error that never repeats the token. */
export const parseLoginTarget = (text: string): LoginTarget => {
  const url = parseAddress(text.trim());
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw usageError('The address of a hub has no user, password or query.', example);
  const fragment = url.hash.slice(1);
  if (fragment === '') {
    if (url.pathname !== '/' && url.pathname !== '/pair')
      throw usageError('The address of a hub has no path.', example);
    return { origin: url.origin, token: undefined, fingerprint: undefined };
  }
  const [, token, compact] = tokenPattern.exec(fragment) ?? [];
  if (url.pathname !== '/pair' || token === undefined)
    throw usageError('This is not a complete pairing link.', 'Make a new one at the hub: navisai pair');
  return { origin: url.origin, token, fingerprint: compact && Buffer.from(compact, 'base64url').toString('hex') };
};

const example = 'Such as: navisai login https://navis.local';

/** `navis.local` alone is understood as well. */
const parseAddress = (text: string): URL => {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) throw usageError('This is not an address of a hub.', example);
  const url = new URL(address);
  if (url.protocol !== 'https:') throw usageError('Hubs are reached by https only.', example);
  return url;
};

/** A link or a bare token, as pasted by a person. */
export const parseToken = (text: string): { token: string; fingerprint: string | undefined } | undefined => {
  const bare = tokenPattern.exec(text.trim());
  if (bare?.[1] !== undefined)
    return { token: bare[1], fingerprint: bare[2] && Buffer.from(bare[2], 'base64url').toString('hex') };
  try {
    const { token, fingerprint } = parseLoginTarget(text);
    return token === undefined ? undefined : { token, fingerprint };
  } catch {
    return undefined;
  }
};
