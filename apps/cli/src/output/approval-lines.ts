/** An approval as the person must see it before deciding. */
import type { Approval, ApprovalOf } from '@navisai/protocol';
import { printable, printableLines } from './printable.ts';

export const approvalLines = (approval: Approval): string[] =>
  approval.kind === 'pairing' ? pairingLines(approval) : callLines(approval);

const pairingLines = ({ id, title, state, detail, expiresAt }: ApprovalOf<'pairing'>): string[] => [
  `${printable(title)}  (${id}, ${state})`,
  `  device  ${printable(detail.deviceName)} (${detail.deviceKind})`,
  `  code    ${printable(detail.shortCode)}   must be the same on the device`,
  `  scope   ${detail.requestedScope}`,
  `  from    ${printable(detail.peer)}`,
  `  until   ${expiresAt}`,
];

const callLines = ({ id, title, state, detail, expiresAt }: ApprovalOf<'call'>): string[] => [
  `${printable(title)}  (${id}, ${state})`,
  `  asked by  ${detail.requester.kind.replace('_', '-')} ${printable(detail.requester.name)}`,
  `  node      ${printable(detail.nodeName)}${detail.workingDirectory === null ? '' : `, in ${printable(detail.workingDirectory)}`}`,
  `  risk      ${detail.risk}`,
  ...detail.reasons.map(({ text, reason }) => `            ${printable(text)}: ${printable(reason)}`),
  `  until     ${expiresAt}`,
  // A line end of two characters is another text to a shell.
  ...printableLines(detail.text.replaceAll('\r\n', '\\r\n'))
    .split('\n')
    .map((line) => `  | ${line}`),
];
