/** `navisai policy rules`: standing decisions about what agents may do (A2). */
import { addRule, type HubConnection } from '@navisai/client';
import type { Rule } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode } from '../../nodes/find-node.ts';
import { usageError } from '../../output/command-error.ts';
import type { Output } from '../../output/output.ts';
import { durationFlag, endOf, type GivenMatcher, matcherFlags, matcherOf } from '../../rules/rule-flags.ts';
import { matcherText, ruleHead, ruleRow } from '../../rules/rule-lines.ts';

export const ruleFlags = {
  effect: { type: 'choice', choices: ['allow', 'ask', 'deny'], summary: 'What it says; default allow.' },
  tool: {
    type: 'texts',
    placeholder: '<tool>',
    maxCount: 50,
    maxLength: 130,
    completes: 'tools',
    summary: 'Tool, or tool.action such as filesystem.write; default terminal.',
  },
  ...matcherFlags,
  node: {
    type: 'texts',
    placeholder: '<node>',
    maxCount: 100,
    maxLength: 64,
    completes: 'nodes',
    summary: 'Only on these nodes; default: every node.',
  },
} as const;

export const rules = defineCommand({
  summary: 'List, add or remove standing decisions about what agents do.',
  details:
    'A rule is signed by this device. What denies outweighs what asks, which outweighs what allows. A rule that allows covers a call only as a whole and up to its risk (default changing), and no line with anything in it that is only known when it runs.',
  examples: [
    { command: 'navisai policy rules', note: 'those that hold now, newest first' },
    { command: 'navisai policy rules add --prefix "npm test" --for 8h', note: 'tests run without asking today' },
    { command: 'navisai policy rules add --tool filesystem --directory ~/app', note: 'files there may be changed' },
    { command: 'navisai policy rules add --effect deny --prefix "git push"', note: 'never, in no mode' },
    { command: 'navisai policy rules remove k_9d2k…', note: 'what it allowed asks again' },
  ],
  flags: {
    ...ruleFlags,
    ...durationFlag,
    description: { type: 'text', placeholder: '<text>', maxLength: 500, summary: 'Why; it is shown in decisions.' },
  },
  positionals: [
    { name: 'what', summary: 'Default: list.', optional: true, choices: ['list', 'add', 'remove'] },
    {
      name: 'id',
      summary: 'The rule to remove.',
      optional: true,
      maxLength: 64,
      format: {
        pattern: /^k_[0-9a-z]{4,40}$/,
        meaning: 'a rule id such as k_9d2k…',
        remedy: 'See: navisai policy rules',
      },
    },
  ],
  run: ({ flags, positionals, output }) => {
    const { what = 'list', id } = positionals;
    if ((what === 'remove') !== (id !== undefined))
      throw usageError('Name the rule to remove: navisai policy rules remove <id>.', 'See: navisai policy rules');
    return withHub(async (hub) => {
      if (what === 'add') return showAdded(await add(hub, flags), output);
      if (id === undefined) return list(hub, output);
      await hub.api.removeRule({ params: { id } });
      output.result({ id }, () => `Removed: ${id}`);
    });
  },
});

const list = async ({ api }: HubConnection, output: Output): Promise<void> => {
  const answer = await api.rules();
  output.result(answer, () =>
    answer.rules.length === 0 ? 'There are no rules.' : output.table(ruleHead, answer.rules.map(ruleRow)),
  );
};

interface GivenRule extends GivenMatcher {
  effect?: Rule['effect'] | undefined;
  tool: readonly string[];
  node: readonly string[];
  for?: string | undefined;
  description?: string | undefined;
}

const add = async (hub: HubConnection, given: GivenRule): Promise<Rule> => {
  const { userId } = await hub.api.whoAmI();
  const nodes = await Promise.all(given.node.map(async (node) => (await findNode(hub.api, node)).id));
  return addRule(hub, {
    effect: given.effect ?? 'allow',
    matcher: matcherOf({ tools: toolsOf(given.tool) }, given),
    nodes: nodes.length === 0 ? null : nodes,
    sessionId: null,
    userId,
    description: given.description ?? '',
    expiresAt: endOf(given.for, hub.clock.now()),
  });
};

const showAdded = (rule: Rule, output: Output): void =>
  output.result(rule, () => `${rule.id}: ${rule.effect} ${matcherText(rule.matcher)}`);

export const toolsOf = (given: readonly string[]): string[] => (given.length === 0 ? ['terminal'] : [...given]);
