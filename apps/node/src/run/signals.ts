/**
 * What signals mean to a node. Service managers send TERM to restart or upgrade it: terminals go on (T18). Only a person's
 * Ctrl-C ends them with the node.
 */
import { escapeForDisplay } from '@navisai/machine';
import type { RunningNode } from './running-node.ts';

/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. A later one does not wait for an orderly end. */
const sameKeyMs = 300;
const forcedExitCode = 130;
const maxNamed = 10;

export const stopOnSignals = (node: RunningNode, say: (text: string) => void): void => {
  let interruptedAt: number | undefined;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (interruptedAt !== undefined && now - interruptedAt > sameKeyMs) process.exit(forcedExitCode);
    if (interruptedAt === undefined) say(farewell(node));
    interruptedAt ??= now;
    node.stop({ keep: false });
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => node.stop({ keep: true }));
};

const farewell = ({ machine }: RunningNode): string => {
  const names = machine
    .terminals()
    .filter(({ status }) => status === 'busy')
    .map(({ name }) => escapeForDisplay(name));
  if (names.length === 0) return 'The node ends.';
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return `The node ends with its terminals: ${names.slice(0, maxNamed).join(', ')}${more}.`;
};
