/** A finding as the person reads it. */
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import type { Finding } from './check.types.ts';

const nameColumns = 14;

export const findingLines = ({ check, state, message, remedy }: Finding, { colors }: Output): string[] => {
  const mark = { ok: colors.green('✓'), warning: colors.yellow('!'), problem: colors.red('✗') }[state];
  return [
    `${mark} ${check.padEnd(nameColumns)} ${printable(message)}`,
    ...(remedy === undefined ? [] : [`  ${''.padEnd(nameColumns)} → ${printable(remedy)}`]),
  ];
};
