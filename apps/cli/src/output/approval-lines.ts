/** An approval as the person must see it before deciding. */
import type { Approval } from '@navisai/protocol';
import { printable } from './printable.ts';

export const approvalLines = ({ id, title, state, detail, expiresAt }: Approval): string[] => [
  `${printable(title)}  (${id}, ${state})`,
  `  device  ${printable(detail.deviceName)} (${detail.deviceKind})`,
  `  code    ${printable(detail.shortCode)}   must be the same on the device`,
  `  scope   ${detail.requestedScope}`,
  `  from    ${printable(detail.peer)}`,
  `  until   ${expiresAt}`,
];
