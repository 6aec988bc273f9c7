/** The certificates that the hub serves and the CA that vouches for the local one, kept in `certs/` (I3). */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { readFileIfThere, writePrivateFile } from '@navisai/service';
import { type CertifiedNames, holdsExactly, isPermitting } from './certified-names.ts';
import type { PemPair } from './make-certificates.ts';

export interface ServedCertificates {
  /** Of the local names, signed by the local CA, and its key. */
  certificate: string;
  key: string;
  /** The operator's own chain and key, for the names that it holds. */
  operator: PemPair | undefined;
  /** PEM of the local CA; served at `/certs/navis.local-ca.crt`. */
  authority: string;
  authorityFile: string;
  /** What the person should know, such as that a new CA must be trusted. */
  remarks: string[];
}

export interface CertificateSources {
  folder: string;
  /** What the local certificate must hold. */
  names: CertifiedNames;
  /** The operator's own files, by configuration. */
  operator: { certificateFile: string; keyFile: string } | undefined;
  now: Date;
}

const dayMs = 24 * 60 * 60 * 1000;
/** A hub that is started more rarely than this finds its certificate expired and makes a new one. */
const renewBeforeMs = 60 * dayMs;

/** Makes what is missing, damaged, too old or of other names. Throws NavisError INVALID_ARGUMENT when the operator's files cannot be used. */
export const openCertificates = async ({
  folder,
  names,
  operator,
  now,
}: CertificateSources): Promise<ServedCertificates> => {
  const authorityFile = join(folder, 'navis.local-ca.crt');
  const authority = await openPair({
    certificateFile: authorityFile,
    keyFile: join(folder, 'navis.local-ca.key'),
    isUsable: (pair) => isCurrent(pair, now, 0) && isPermitting(new X509Certificate(pair.certificate), names),
    make: async () => (await import('./make-certificates.ts')).makeAuthority(now, names),
  });
  const issuer = new X509Certificate(authority.pair.certificate);
  const leaf = await openPair({
    certificateFile: join(folder, 'navis.local.crt'),
    keyFile: join(folder, 'navis.local.key'),
    isUsable: (pair) => isCurrent(pair, now, renewBeforeMs) && isLeafOf(pair, issuer, names),
    make: async () => (await import('./make-certificates.ts')).makeLeaf(authority.pair, now, names),
  });
  return {
    ...leaf.pair,
    operator: operator && readOperatorPair(operator, now),
    authority: authority.pair.certificate,
    authorityFile,
    remarks: authority.replaced === undefined ? [] : [remarkOn(authority.replaced, now)],
  };
};

const remarkOn = (replaced: PemPair, now: Date): string =>
  attempt(() => isCurrent(replaced, now, 0))
    ? 'The configuration names hosts that the local CA may not vouch for; a new CA was made. Trust it anew, also on paired devices: navisai trust'
    : 'The local CA was damaged or expired; a new one was made: navisai trust';

const isLeafOf = ({ certificate }: PemPair, issuer: X509Certificate, names: CertifiedNames): boolean => {
  const leaf = new X509Certificate(certificate);
  return leaf.verify(issuer.publicKey) && holdsExactly(leaf, names);
};

interface PairFiles {
  certificateFile: string;
  keyFile: string;
  isUsable(pair: PemPair): boolean;
  make(): Promise<PemPair>;
}

const openPair = async ({
  certificateFile,
  keyFile,
  isUsable,
  make,
}: PairFiles): Promise<{ pair: PemPair; replaced: PemPair | undefined }> => {
  const certificate = readFileIfThere(certificateFile);
  const key = readFileIfThere(keyFile);
  if (certificate !== undefined && key !== undefined && attempt(() => isUsable({ certificate, key })))
    return { pair: { certificate, key }, replaced: undefined };
  const pair = await make();
  // The key first: a certificate without its key would be found damaged and replaced.
  writePrivateFile(keyFile, pair.key);
  writePrivateFile(certificateFile, pair.certificate);
  return { pair, replaced: certificate === undefined ? undefined : { certificate, key: key ?? '' } };
};

const attempt = (judge: () => boolean): boolean => {
  try {
    return judge();
  } catch {
    return false;
  }
};

/** Valid now, for some time to come, and of this key. */
const isCurrent = ({ certificate, key }: PemPair, now: Date, aheadMs: number): boolean => {
  const parsed = new X509Certificate(certificate);
  const isValid = parsed.validFromDate <= now && parsed.validToDate.getTime() > now.getTime() + aheadMs;
  return isValid && parsed.checkPrivateKey(createPrivateKey(key));
};

const readOperatorPair = (
  { certificateFile, keyFile }: { certificateFile: string; keyFile: string },
  now: Date,
): PemPair => {
  const problem = (text: string, cause?: unknown): NavisError =>
    new NavisError('INVALID_ARGUMENT', `certificate: ${text}`, { field: 'certificate', cause });
  let pair: PemPair;
  try {
    pair = { certificate: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } catch (cause) {
    throw problem('the files cannot be read.', cause);
  }
  if (!attempt(() => isCurrent(pair, now, 0))) throw problem('it is expired, damaged, or not of this key.');
  return pair;
};
