/** A pairing link as the person sees it: address, QR code, how long it works. */
import { renderUnicodeCompact } from 'uqr';
import type { Output } from '../output/output.ts';

export interface PairingLink {
  url: string;
  expiresAt: string;
  /** For `navisai login` on another machine; missing when no other machine could use it. */
  loginUrl?: string | undefined;
}

/** As lines for a terminal that a camera reads. */
export const qrLines = (text: string, { colors }: Output): string[] => {
  const code = renderUnicodeCompact(text, { border: 2 }).split('\n');
  return code.map((line) => (colors.isColorSupported ? `  ${qrColors.on}${line}${qrColors.off}` : `  ${line}`));
};

/** Light on black whatever the terminal's own colours are: cameras need it. */
const qrColors = { on: '\x1b[40;97m', off: '\x1b[0m' };

export const pairingLines = (link: PairingLink, output: Output): string[] => {
  const { isTerminal, colors } = output;
  return [
    'Open this link on the device to pair:',
    '',
    `  ${colors.bold(link.url)}`,
    '',
    ...(isTerminal ? [...qrLines(link.url, output), ''] : []),
    ...(link.loginUrl === undefined
      ? []
      : ['Or, for the command line of another machine:', '', `  navisai login '${link.loginUrl}'`, '']),
    `It works once, until ${new Date(link.expiresAt).toLocaleTimeString()}.`,
  ];
};
