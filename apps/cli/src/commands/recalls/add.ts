/** `navisai recalls add`: a task, when it runs, and what it may do. */
import { recallMinutes, recallWaitMinutes } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { sessionIdFormat } from '../../hub/session.ts';
import { resolveNode } from '../../nodes/find-node.ts';
import { usageError } from '../../output/command-error.ts';
import { printable } from '../../output/printable.ts';
import { readTextInput } from '../../output/text-input.ts';
import { parseSchedule } from '../../recalls/schedule-words.ts';

const text = (placeholder: string, summary: string, maxLength = 200) =>
  ({ type: 'text', placeholder, summary, maxLength }) as const;
const minutes = (range: { min: number; max: number }, summary: string) =>
  ({ type: 'number', placeholder: '<minutes>', ...range, summary }) as const;

/** A title that was not given is the beginning of the task. */
const titleLength = 60;

export const add = defineCommand({
  summary: 'Schedule a task for an agent.',
  details:
    'Give one of --at, --in, --cron, --every and --now. Its permissions are fixed now: the approvals mode, the tools of the profile, the rules that hold today. A task of one word "-" is read from stdin, "@file" from a file.',
  examples: [
    { command: "navisai recalls add --cron '0 3 * * *' -- check that the backup ran", note: 'every night, here' },
    { command: 'navisai recalls add --every 2h --node nas --title disk -- is a disk nearly full', note: 'on a node' },
    { command: 'navisai recalls add --at 18:30 --ask -- deploy the release branch', note: 'asks before it acts' },
    { command: 'navisai recalls add --now -- @task.md', note: 'at once, beside you' },
  ],
  flags: {
    title: text('<text>', 'A short name; default: the beginning of the task.'),
    at: text('<time>', 'Once: 18:30, 2026-05-01T09:00 or with a zone.', 40),
    in: text('<span>', 'Once, after a span: 90s, 20m, 2h, 3d.', 20),
    cron: text('<expression>', 'Again and again: five fields, such as "0 9 * * MON-FRI".'),
    timezone: text('<zone>', 'Of the expression; default: the one of this computer.', 64),
    every: text('<span>', 'Again and again: 5m, 2h, 1d; at least 60s.', 20),
    now: { type: 'boolean', summary: 'At once.' },
    missed: {
      type: 'choice',
      choices: ['run_once', 'skip', 'run_all'],
      summary: 'For times that passed while the hub was off; default run_once.',
    },
    profile: text('<id>', 'Profile of the agent; default: developer.', 64),
    node: { ...text('<node>', 'Node to work on.', 64), completes: 'nodes' },
    model: { type: 'texts', placeholder: '<model>', maxCount: 10, maxLength: 200, summary: 'provider/model; repeat.' },
    session: {
      ...text('<id>', 'Conversation to work in; default: one of its own.', 64),
      completes: 'sessions',
      format: sessionIdFormat,
    },
    approvals: {
      type: 'choice',
      choices: ['never', 'risky', 'always'],
      summary: "What needs an approval; default: the profile's.",
    },
    ask: { type: 'boolean', summary: 'Wait for your answer where it would ask, instead of failing.' },
    'wait-minutes': minutes(recallWaitMinutes, 'With --ask: for so long; default 60.'),
    'limit-minutes': minutes(recallMinutes, 'Time limit of a run; default 60.'),
    notify: { type: 'choice', choices: ['failure', 'always', 'never'], summary: 'When to tell you; default failure.' },
  },
  rest: { name: 'task', summary: 'What the agent is told.' },
  async run({ flags, rest, output }) {
    const schedule = parseSchedule(flags, Date.now());
    if (schedule === undefined) throw usageError('Say when: --at, --in, --cron, --every or --now.');
    const task = rest.length === 1 ? await readTextInput(rest[0] ?? '', '<task>') : rest.join(' ');
    if (task.trim() === '') throw usageError('The task is empty.');
    await withHub(async ({ api }) => {
      const recall = await api.createRecall({
        body: {
          title: flags.title ?? (task.trim().split('\n')[0] ?? '').slice(0, titleLength),
          task,
          schedule,
          missed: flags.missed,
          profile: flags.profile,
          nodeId: (await resolveNode(api, flags.node)) ?? null,
          model: flags.model === undefined || flags.model.length === 0 ? null : [...flags.model],
          sessionId: flags.session,
          approvals: flags.approvals,
          mayAsk: flags.ask,
          waitMinutes: flags['wait-minutes'],
          limitMinutes: flags['limit-minutes'],
          notify: flags.notify,
        },
      });
      output.result(recall, () => `${recall.id}  ${printable(recall.title)}, next ${recall.nextAt ?? 'now'}`);
    });
  },
});
