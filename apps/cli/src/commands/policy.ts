/** `navisai policy`: what the rules of a node say, and which one decides (N12, A1). */
import {
  approvalsModeSchema,
  errorTable,
  mainNodeId,
  maxPathLength,
  type PolicyDecision,
  type PolicyStep,
} from '@navisai/protocol';
import { rules } from './policy/rules.ts';
import { test } from './policy/test.ts';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { shellText } from '../command-line/quote.ts';
import { withHub } from '../hub/connect.ts';
import { findNode, nodeFlag } from '../nodes/find-node.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

const wordFormat = { pattern: /^[a-z_]{1,64}$/, meaning: 'a name such as filesystem or read' } as const;
const exitCodes = { allow: 0, ask: 1, deny: errorTable.POLICY_DENIED.exit } as const;

const explain = defineCommand({
  summary: 'Say whether a command or tool call would be allowed, by which rule, and where that rule lives.',
  details:
    "Nothing runs. Asks the node itself, with its ceiling (policy.json there) and the hub's overlay; for a node that is away it tells what the hub knows. Exit codes: 0 allowed, 1 a person would be asked, 4 denied.",
  examples: [
    { command: 'navisai policy explain -- rm -rf build', note: "on the hub's own machine" },
    { command: 'navisai policy explain --node web-1 -- systemctl restart nginx', note: 'on a node' },
    { command: 'navisai policy explain --mode risky -- npm test', note: 'would an agent have to ask?' },
    { command: 'navisai policy explain --node web-1 --tool filesystem --action write', note: 'a tool instead' },
  ],
  flags: {
    ...nodeFlag,
    tool: {
      type: 'text',
      placeholder: '<tool>',
      completes: 'tools',
      maxLength: 1000,
      format: wordFormat,
      summary: 'Tool to ask about; default terminal.',
    },
    action: {
      type: 'text',
      placeholder: '<action>',
      maxLength: 1000,
      format: wordFormat,
      summary: 'Action of the tool; default run, for a command.',
    },
    mode: {
      type: 'choice',
      choices: ['never', 'risky', 'always'],
      summary: 'As a call of an agent whose approvals are in this mode; without it, as a call of yours.',
    },
    cwd: {
      type: 'text',
      placeholder: '<directory>',
      completes: 'directories',
      maxLength: maxPathLength,
      summary: 'Directory there that it would begin in.',
    },
  },
  rest: { name: 'command', summary: 'Program and arguments, or one word of shell text.', optional: true },
  run({ flags, rest, output }) {
    const command = rest.length === 0 ? undefined : shellText(rest);
    if (command === undefined && flags.tool === undefined)
      throw usageError('Nothing to explain: give a command after --, or --tool.', 'See: navisai policy explain --help');
    if (command === '') throw usageError('<command> must not be empty.');
    return withHub(async ({ api }) => {
      const { id, name } = await findNode(api, flags.node ?? mainNodeId);
      const body = {
        tool: flags.tool,
        action: flags.action,
        command,
        workingDirectory: flags.cwd,
        approvals: approvalsModeSchema.optional().parse(flags.mode),
      };
      const decision = await api.explainPolicy({ params: { id }, body });
      output.result({ node: { id, name }, ...decision }, () => decisionLines(name, decision, output));
      return exitCodes[decision.effect];
    });
  },
});

const decisionLines = (name: string, decision: PolicyDecision, output: Output): string[] => {
  const { colors } = output;
  const { effect, decidedBy, trace } = decision;
  const words = {
    allow: colors.green('allowed'),
    ask: colors.yellow('a person would be asked'),
    deny: colors.red('denied'),
  };
  return [
    `${words[effect]} on ${printable(name)}: ${printable(decidedBy.reason)}`,
    `  rule   ${printable(decidedBy.rule)}`,
    `  about  ${printable(decidedBy.subject)}`,
    `  lives  ${printable(decidedBy.source)}`,
    ...(trace.length === 0 ? [] : ['', ...traceTable(trace, output)]),
  ];
};

const traceTable = (trace: readonly PolicyStep[], output: Output): string[] =>
  output.table(
    ['EFFECT', 'RULE', 'ABOUT', 'LIVES', 'REASON'],
    trace.map(({ effect, rule, subject, source, reason }) => [effect, rule, subject, source, reason]),
  );

export const policy: CommandGroup = {
  summary: 'Explain what the rules of a node allow, and keep standing decisions about agents.',
  details: "A node's ceiling and the hub's overlay are shown and set by navisai nodes policy.",
  examples: [{ command: 'navisai policy explain --node web-1 -- rm -rf /srv', note: 'the decision and its rule' }],
  commands: { explain, rules, test },
};
