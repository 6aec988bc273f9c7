/** Recalls as a person reads them: the table of all, everything about one, its history. */
import type { Recall, RecallRun } from '@navisai/protocol';
import { formatDuration } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { scheduleWords } from './schedule-words.ts';

export const recallTable = (recalls: readonly Recall[], output: Output): string[] =>
  output.table(
    ['ID', 'STATE', 'NEXT', 'SCHEDULE', 'LAST', 'TITLE'],
    recalls.map((recall) => [
      recall.id,
      stateOf(recall),
      recall.paused ? '-' : (recall.nextAt ?? '-'),
      scheduleWords(recall.schedule),
      recall.lastRun?.state ?? '-',
      recall.title,
    ]),
  );

const stateOf = ({ isRunning, paused, nextAt }: Recall): string =>
  isRunning ? 'running' : paused ? 'paused' : nextAt === null ? 'done' : 'waiting';

export const recallLines = (recall: Recall): string[] => {
  const { permissions, lastRun } = recall;
  const rows: [string, string | null][] = [
    ['id', recall.id],
    ['state', stateOf(recall)],
    ['schedule', scheduleWords(recall.schedule)],
    ['next', recall.nextAt],
    ['missed runs', recall.missed],
    ['profile', recall.profile],
    ['node', recall.nodeId],
    ['model', recall.model === null ? null : recall.model.join(', ')],
    ['conversation', recall.sessionId ?? 'its own, from the first run on'],
    ['approvals', permissions.approvals],
    ['tools', permissions.tools.join(', ') || 'none'],
    ['asking', permissions.mayAsk ? `waits ${permissions.waitMinutes} min for an answer` : 'fails the run at once'],
    ['time limit', `${recall.limitMinutes} min`],
    ['alarm', recall.notify],
    ['made by', `${recall.createdBy}, ${recall.createdAt}`],
    ['last run', lastRun === null ? null : runLine(lastRun)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const facts = rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(width)}  ${printable(value)}`]));
  return [
    printable(recall.title),
    ...facts,
    '',
    ...recall.task.split('\n').map((line) => `  ${printable(line, 2000)}`),
  ];
};

export const historyTable = (runs: readonly RecallRun[], output: Output): string[] =>
  output.table(
    ['DUE', 'STATE', 'TOOK', 'NOTE', 'CONVERSATION', 'SAID'],
    runs.map((run) => [run.dueAt, run.state, tookOf(run), notesOf(run) || '-', run.sessionId ?? '-', saidOf(run)]),
  );

export const runLine = (run: RecallRun): string =>
  [`${run.state} ${run.startedAt}`, notesOf(run), saidOf(run)].filter((part) => part !== '').join('; ');

const notesOf = ({ attempt, missed, cause }: RecallRun): string =>
  [
    ...(cause === 'asked' ? ['by hand'] : []),
    ...(attempt > 1 ? ['second attempt'] : []),
    ...(missed > 0 ? [`${missed} missed`] : []),
  ].join(', ');

const saidOf = ({ error, answer }: RecallRun): string =>
  printable((error?.message ?? answer ?? '').split('\n')[0] ?? '', 200);

const tookOf = ({ startedAt, endedAt, state }: RecallRun): string =>
  endedAt === null || state === 'missed' ? '-' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
