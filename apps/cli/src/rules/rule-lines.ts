/** Standing decisions as people read them. */
import type { CallMatcher, Rule } from '@navisai/protocol';
import { printable } from '../output/printable.ts';

/** In a line: `terminal.run "npm test" in ~/app, up to changing`. */
export const matcherText = ({ tools, command, commandPrefixes, directories, maxRisk }: CallMatcher): string =>
  printable(
    [
      tools.join(', '),
      ...(command === undefined ? [] : [`exactly "${command}"`]),
      ...(commandPrefixes === undefined ? [] : [commandPrefixes.map((prefix) => `"${prefix}"`).join(', ')]),
      ...(directories === undefined ? [] : [`in ${directories.join(', ')}`]),
      ...(maxRisk === undefined ? [] : [`up to ${maxRisk}`]),
    ].join(' '),
  );

export const ruleRow = ({ id, effect, matcher, nodes, sessionId, expiresAt }: Rule): string[] => [
  id,
  effect,
  matcherText(matcher),
  nodes === null ? 'every node' : nodes.join(', '),
  sessionId ?? 'every session',
  expiresAt ?? 'until removed',
];

export const ruleHead = ['ID', 'EFFECT', 'ABOUT', 'NODES', 'SESSION', 'UNTIL'];
