/** How a phone comes to trust the CA before it pairs: where it finds it, and what it must show (I14). */
import type { Output } from '../output/output.ts';
import { qrLines } from '../pair/pairing-lines.ts';
import type { Authority } from './authority.ts';
import { fingerprintRows } from './fingerprint.ts';

export interface PhoneTrust {
  url: string;
  fingerprint: string;
}

/** Of the route table; named here so that showing it does not load every schema. */
const authorityPath = '/certs/navis.local-ca.crt';

export const phoneTrustOf = (origin: string, { fingerprint }: Authority): PhoneTrust => ({
  url: `${origin}${authorityPath}`,
  fingerprint,
});

/** The page can only be https, which the phone does not trust yet: comparing the fingerprint is what makes it safe. */
export const phoneLines = ({ url, fingerprint }: PhoneTrust, output: Output): string[] => {
  const { bold } = output.colors;
  const [first, second] = fingerprintRows(fingerprint);
  return [
    'Let a phone trust this hub, before it pairs:',
    '',
    `  1. In its browser open  ${bold(url)}`,
    '     It warns, because it does not know this CA yet: go on this once.',
    ...(output.isTerminal ? ['', ...qrLines(url, output)] : []),
    '',
    '  2. Install the certificate that it downloads.',
    '     iPhone: Settings, Profile Downloaded, Install; then General, About, Certificate Trust Settings: switch it on.',
    '     Android: Settings, Security, Encryption, Install a certificate, CA certificate.',
    '',
    '  3. Before it is installed the phone shows its details. The SHA-256 fingerprint must be',
    '',
    `       ${bold(first)}`,
    `       ${bold(second)}`,
    '',
    '     If it is another one, somebody is in between: do not install it.',
    '',
    '  4. Then pair it: navisai pair',
  ];
};
