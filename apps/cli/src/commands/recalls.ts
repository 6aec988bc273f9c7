/** `navisai recalls`: tasks that an agent does later, again and again, or at once. */
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { printable } from '../output/printable.ts';
import { findRecall, recallPositional } from '../recalls/find-recall.ts';
import { historyTable, recallLines, recallTable } from '../recalls/recall-lines.ts';
import { add } from './recalls/add.ts';

const list = defineCommand({
  summary: 'List recalls, newest first.',
  examples: [{ command: 'navisai recalls', note: 'when each is due, and how it went last' }],
  flags: {},
  run: ({ output }) =>
    withHub(async ({ api }) => {
      const answer = await api.recalls();
      output.result(answer, () =>
        answer.recalls.length === 0
          ? 'There are no recalls. Make one: navisai recalls add --help'
          : recallTable(answer.recalls, output),
      );
    }),
});

const show = defineCommand({
  summary: 'Show one recall with its task and permissions.',
  examples: [{ command: 'navisai recalls show "nightly check"', note: 'by its title or its id' }],
  flags: {},
  positionals: [recallPositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const recall = await findRecall(api, positionals.recall ?? '');
      output.result(recall, () => recallLines(recall));
    }),
});

const pause = defineCommand({
  summary: 'Pause a recall; a run under way goes on.',
  examples: [{ command: 'navisai recalls pause "nightly check"', note: 'nothing is missed meanwhile' }],
  flags: {},
  positionals: [recallPositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findRecall(api, positionals.recall ?? '');
      const recall = await api.changeRecall({ params: { id }, body: { paused: true } });
      output.result(recall, () => `Paused: ${printable(recall.title)}`);
    }),
});

const resume = defineCommand({
  summary: 'Resume a paused recall.',
  examples: [{ command: 'navisai recalls resume "nightly check"', note: 'from its next time on' }],
  flags: {},
  positionals: [recallPositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findRecall(api, positionals.recall ?? '');
      const recall = await api.changeRecall({ params: { id }, body: { paused: false } });
      output.result(recall, () => `Resumed: ${printable(recall.title)}, next ${recall.nextAt ?? 'never'}`);
    }),
});

const run = defineCommand({
  summary: 'Run a recall now; its schedule stays as it is.',
  examples: [{ command: 'navisai recalls run "nightly check"', note: 'also when it is paused' }],
  flags: {},
  positionals: [recallPositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findRecall(api, positionals.recall ?? '');
      const recall = await api.runRecall({ params: { id } });
      output.result(recall, () => `Runs now: ${printable(recall.title)}. See: navisai recalls history ${id}`);
    }),
});

const remove = defineCommand({
  summary: 'Remove a recall with its history; a run under way is stopped.',
  examples: [{ command: 'navisai recalls remove "nightly check"', note: 'its conversation stays' }],
  flags: {},
  positionals: [recallPositional],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const { id, title } = await findRecall(api, positionals.recall ?? '');
      await api.removeRecall({ params: { id } });
      output.result({ id, removed: true }, () => `Removed: ${printable(title)}`);
    }),
});

const history = defineCommand({
  summary: 'Show how a recall went, newest first.',
  examples: [{ command: 'navisai recalls history "nightly check" --limit 5', note: 'the last five runs' }],
  flags: {
    limit: { type: 'number', placeholder: '<number>', min: 1, max: 200, summary: 'At most so many; default 20.' },
  },
  positionals: [recallPositional],
  run: ({ flags, positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findRecall(api, positionals.recall ?? '');
      const answer = await api.recallRuns({ params: { id }, query: { limit: flags.limit ?? 20 } });
      output.result(answer, () =>
        answer.runs.length === 0 ? 'It has not run yet.' : historyTable(answer.runs, output),
      );
    }),
});

export const recalls: CommandGroup = {
  summary: 'Have agents do tasks later, again and again, or at once.',
  details:
    'A recall runs under the permissions that were fixed when it was made. A call that would need to ask fails the run at once and tells you, unless it was made with --ask.',
  examples: [
    { command: "navisai recalls add --cron '0 3 * * *' -- check that the backup ran", note: 'every night' },
    { command: 'navisai recalls', note: 'the same as navisai recalls list' },
  ],
  commands: { list, add, show, pause, resume, run, remove, history },
  defaultCommand: 'list',
};
