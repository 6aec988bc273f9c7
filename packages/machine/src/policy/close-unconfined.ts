/** A terminal opened before this machine had a ceiling would be a way around it (N12). */
import { sandboxOf } from '../sandbox/sandbox.ts';
import type { TerminalContext } from '../tools/terminal/terminal-context.types.ts';

export const closeUnconfined = async ({ guard, hosts, closings }: TerminalContext): Promise<void> => {
  if (!guard.isRestricted) return;
  const open = hosts.list().filter((record) => record.exit === null && sandboxOf(record) === null);
  await Promise.all(open.map((record) => closings.close(record, 'it was opened before this machine had a ceiling')));
};
