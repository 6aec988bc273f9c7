/** Identifiers: a prefix that tells the kind, then random characters. */

const alphabet = '0123456789abcdefghijkmnpqrstuvwxyz'.slice(0, 32);

export const idPrefixes = {
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
export type IdKind = keyof typeof idPrefixes;

/** A fresh id of `kind` with 100 random bits, such as `s_4k2…`. */
export const newId = (kind: IdKind): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return `${idPrefixes[kind]}_${Array.from(bytes, (byte) => alphabet[byte & 31]).join('')}`;
};

/** The hub's own machine (requirements, words). */
export const mainNodeId = 'main';
