/** Makes the local CA and the hub's certificate (I3); loaded only when one of them must be made or renewed. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type CertifiedNames, encodeNameConstraints, localNames } from './certified-names.ts';

export interface PemPair {
  certificate: string;
  key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 3650;
/** Below the 398 days that some platforms allow a server. */
const leafDays = 397;
/** Clocks of clients may be behind. */
const backdateMs = dayMs;

/** A CA that browsers may trust without fear: it can certify no name but these. */
export const makeAuthority = async (now: Date, names: CertifiedNames = localNames): Promise<PemPair> => {
  cryptoProvider.set(webcrypto as Crypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: `CN=Navis local CA ${newSerialNumber().slice(2, 8)}, O=Navis`,
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + authorityDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      new Extension('2.5.29.30', true, encodeNameConstraints(names)),
    ],
  });
  return { certificate: endLine(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
};

/** The hub's own certificate, signed by the CA. */
export const makeLeaf = async (
  authority: PemPair,
  now: Date,
  certified: CertifiedNames = localNames,
): Promise<PemPair> => {
  cryptoProvider.set(webcrypto as Crypto);
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names: JsonGeneralNames = [
    ...certified.dns.map((value) => ({ type: 'dns' as const, value })),
    ...certified.ip.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: 'CN=navis.local, O=Navis',
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + leafDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: endLine(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
};

/** Positive, at most 16 bytes, without a leading zero. */
const newSerialNumber = (): string => {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
};

const exportKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  endLine(PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag));

/** PEM files that are put together need a newline between them. */
const endLine = (pem: string): string => (pem.endsWith('\n') ? pem : `${pem}\n`);
