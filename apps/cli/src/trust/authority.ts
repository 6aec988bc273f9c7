/** The local CA of one home, under a name that no other CA has. */
import { X509Certificate } from 'node:crypto';
import { CommandError } from '../output/command-error.ts';

export interface Authority {
  pem: string;
  /** File that holds `pem`. */
  path: string;
  /** SHA-256, lower-case hex. */
  fingerprint: string;
  /** SHA-1, upper-case hex: how the macOS keychain finds it. */
  shortFingerprint: string;
  /** Its name in stores; the fingerprint in it keeps the CAs of several homes apart. */
  nickname: string;
  /** Its file name in stores of files. */
  fileName: string;
  validTo: Date;
}

/** Throws a CommandError for a file that holds no CA. */
export const parseAuthority = ({ pem, path }: { pem: string; path: string }): Authority => {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw notAnAuthority(path);
  }
  if (!certificate.ca) throw notAnAuthority(path);
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const short = fingerprint.slice(0, 16);
  return {
    pem,
    path,
    fingerprint,
    shortFingerprint: certificate.fingerprint.replaceAll(':', ''),
    nickname: `Navis local CA ${short}`,
    fileName: `navis-local-ca-${short}`,
    validTo: certificate.validToDate,
  };
};

const notAnAuthority = (path: string): CommandError =>
  new CommandError(`${path} does not hold the certificate of a CA.`, {
    code: 'INVALID_ARGUMENT',
    exitCode: 2,
    affects: 'Nothing was changed.',
    remedy: 'navisai restart makes a new one',
  });
