/** A pairing link as the person sees it: address, QR code, how long it works. */
import { renderUnicodeCompact } from 'uqr';
import type { Output } from '../output/output.ts';

export interface PairingLink {
  url: string;
  expiresAt: string;
}

/** Light on black whatever the terminal's own colours are: cameras need it. */
const qrColors = { on: '\x1b[40;97m', off: '\x1b[0m' };

export const pairingLines = (link: PairingLink, { isTerminal, colors }: Output): string[] => {
  const code = renderUnicodeCompact(link.url, { border: 2 }).split('\n');
  const isColored = colors.isColorSupported;
  const qrLines = code.map((line) => (isColored ? `${qrColors.on}${line}${qrColors.off}` : line));
  return [
    'Open this link on the device to pair:',
    '',
    `  ${colors.bold(link.url)}`,
    '',
    ...(isTerminal ? [...qrLines.map((line) => `  ${line}`), ''] : []),
    `It works once, until ${new Date(link.expiresAt).toLocaleTimeString()}.`,
  ];
};
