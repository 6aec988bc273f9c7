/** `navisai policy test`: a rule tried on the last calls that asked (A2). */
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode } from '../../nodes/find-node.ts';
import { printable } from '../../output/printable.ts';
import { matcherOf } from '../../rules/rule-flags.ts';
import { ruleFlags, toolsOf } from './rules.ts';

export const test = defineCommand({
  summary: 'Try a rule on the last calls that asked: which would it have been about?',
  details: 'Takes what navisai policy rules add takes. Nothing is kept.',
  examples: [
    { command: 'navisai policy test --prefix "npm test"', note: 'which calls would have run without asking' },
    { command: 'navisai policy test --tool filesystem --directory ~/app --limit 500', note: 'further back' },
  ],
  flags: {
    ...ruleFlags,
    limit: { type: 'number', placeholder: '<number>', min: 1, max: 500, summary: 'Calls to look at; default 100.' },
    all: { type: 'boolean', summary: 'Show those as well that it would not have been about.' },
  },
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const nodes = await Promise.all(flags.node.map(async (node) => (await findNode(api, node)).id));
      const effect = flags.effect ?? 'allow';
      const matcher = matcherOf({ tools: toolsOf(flags.tool) }, flags);
      const body = { effect, matcher, nodes: nodes.length === 0 ? null : nodes, limit: flags.limit };
      const answer = await api.testRule({ body });
      output.result(answer, () => {
        const covered = answer.calls.filter(({ isCovered }) => isCovered);
        const shown = flags.all ? answer.calls : covered;
        const words = { allow: 'allowed', ask: 'asked about', deny: 'denied' }[effect];
        return [
          `Of the last ${answer.calls.length} calls that asked, ${covered.length} would have been ${words}.`,
          ...(shown.length === 0
            ? []
            : output.table(
                ['', 'AT', 'NODE', 'RISK', 'THEN', 'CALL'],
                shown.map(({ isCovered, at, nodeId, risk, state, summary }) => [
                  isCovered ? words : '–',
                  at,
                  nodeId,
                  risk,
                  state,
                  printable(summary),
                ]),
              )),
        ];
      });
    }),
});
