/** What became of a run on many nodes: counted, the outliers with a short diff, the slowest; as text and as JSON. */
import type { ToolResult } from '@navisai/protocol';
import { isOwnEnd } from '../output/tool-exit-code.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import type { NodeOutcome, NotRun, Outcome } from './fleet.types.ts';
import { majorityOf, type AnswerGroup } from './outliers.ts';
import { shortDiff } from './short-diff.ts';

export interface FleetReport {
  command: string;
  selector: string;
  durationMs: number;
  nodes: readonly NodeOutcome[];
  groups: readonly AnswerGroup[];
  isInterrupted: boolean;
}

export const fleetExitCodes = { success: 0, failure: 1, unreachable: 3, interrupted: 130 } as const;

/** 0 only when the command succeeded on every node. */
export const fleetExitCode = ({ nodes, isInterrupted }: Pick<FleetReport, 'nodes' | 'isInterrupted'>): number => {
  if (isInterrupted) return fleetExitCodes.interrupted;
  if (nodes.every(({ outcome }) => outcome.state === 'succeeded')) return fleetExitCodes.success;
  const isUnreachable = ({ outcome }: NodeOutcome): boolean =>
    outcome.state === 'not_run' && outcome.why.kind === 'unreachable';
  return nodes.every(isUnreachable) ? fleetExitCodes.unreachable : fleetExitCodes.failure;
};

const maxNames = 12;
const maxGroups = 10;
const maxDiffLines = 6;
const slowestShown = 3;
const termColumns = 12;

/** For people; the first line counts. */
export const summaryLines = (report: FleetReport, colors: Output['colors']): string[] => {
  const { nodes, groups, durationMs } = report;
  const count = (state: Outcome['state']): number => nodes.filter(({ outcome }) => outcome.state === state).length;
  const failed = count('failed');
  const notRun = count('not_run');
  const facts = [
    `${count('succeeded')} succeeded`,
    failed > 0 ? colors.red(`${failed} failed`) : '0 failed',
    notRun > 0 ? colors.yellow(`${notRun} did not run`) : '0 did not run',
  ];
  return [
    `${colors.bold(nodes.length === 1 ? '1 node' : `${nodes.length} nodes`)} in ${seconds(durationMs)}: ${facts.join(', ')}`,
    ...byReason('failed', nodes, failureText),
    ...byReason('not run', nodes, notRunText),
    ...outlierLines(groups, colors),
    ...slowestLine(nodes),
  ];
};

/** `failed    exit code 3: web-1, web-2`, one line per reason. */
const byReason = (
  title: string,
  nodes: readonly NodeOutcome[],
  reasonOf: (outcome: Outcome) => string | undefined,
): string[] => {
  const names = new Map<string, string[]>();
  for (const { node, outcome } of nodes) {
    const reason = reasonOf(outcome);
    if (reason !== undefined) names.set(reason, [...(names.get(reason) ?? []), node.name]);
  }
  return [...names].map(([reason, all]) => row(title, `${nameList(all)}: ${printable(reason)}`));
};

const failureText = (outcome: Outcome): string | undefined => {
  if (outcome.state !== 'failed') return undefined;
  return 'error' in outcome ? outcome.error.message : endText(outcome.result);
};

/** How a command ended: `exit code 3`, `SIGKILL`, or why it could not. */
export const endText = (result: ToolResult): string => {
  if (!isOwnEnd(result)) return result.error?.message ?? 'The call failed.';
  const { exit_code: exitCode, signal } = result.metadata;
  return signal ?? `exit code ${exitCode ?? '?'}`;
};

const notRunText = (outcome: Outcome): string | undefined =>
  outcome.state === 'not_run' ? outcome.why.reason : undefined;

const outlierLines = (groups: readonly AnswerGroup[], colors: Output['colors']): string[] => {
  if (groups.length < 2) return [];
  const majority = majorityOf(groups);
  if (majority === undefined) return [row('different', `${groups.length} different answers, none of most nodes`)];
  const others = groups.filter((group) => group !== majority);
  const shown = others.slice(0, maxGroups).flatMap((group) => {
    const end = group.end === majority.end ? '' : `, ${group.end} instead of ${majority.end}`;
    const diff = shortDiff(majority.sample, group.sample, maxDiffLines);
    const headline = `${nameList(group.names)}: not as the other ${majority.names.length}${end}`;
    return [row('different', headline), ...diff.map((line) => diffLine(line, colors))];
  });
  const more = others.length - maxGroups;
  return more > 0 ? [...shown, row('', `… and ${more} more different answers`)] : shown;
};

const diffLine = (line: string, colors: Output['colors']): string => {
  const text = `${' '.repeat(termColumns + 4)}${printable(line, 200)}`;
  if (line.startsWith('- ')) return colors.red(text);
  return line.startsWith('+ ') ? colors.green(text) : colors.dim(text);
};

const slowestLine = (nodes: readonly NodeOutcome[]): string[] => {
  const ran = slowestOf(nodes);
  if (ran.length < 2) return [];
  const shown = ran.slice(0, slowestShown).map(({ name, durationMs }) => `${printable(name)} ${seconds(durationMs)}`);
  return [row('slowest', shown.join(', '))];
};

const slowestOf = (nodes: readonly NodeOutcome[]): { name: string; durationMs: number }[] =>
  nodes
    .flatMap(({ node, outcome }) =>
      outcome.state === 'not_run' ? [] : [{ name: node.name, durationMs: outcome.durationMs }],
    )
    .toSorted((a, b) => b.durationMs - a.durationMs);

const row = (title: string, text: string): string => `  ${title.padEnd(termColumns)}${text}`;

const nameList = (names: readonly string[]): string => {
  const shown = names.slice(0, maxNames).map((name) => printable(name));
  return names.length > maxNames ? `${shown.join(', ')} and ${names.length - maxNames} more` : shown.join(', ');
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** The one document of `--json`. */
export const summaryValue = (report: FleetReport): Record<string, unknown> => {
  const { command, selector, nodes, groups, durationMs, isInterrupted } = report;
  const majority = majorityOf(groups);
  const count = (state: Outcome['state']): number => nodes.filter(({ outcome }) => outcome.state === state).length;
  return {
    command,
    selector,
    duration_ms: Math.round(durationMs),
    interrupted: isInterrupted,
    succeeded: count('succeeded'),
    failed: count('failed'),
    not_run: count('not_run'),
    nodes: nodes.map(nodeValue),
    outliers:
      majority === undefined
        ? []
        : groups
            .filter((group) => group !== majority)
            .map(({ names, end, sample }) => ({
              nodes: names,
              end,
              diff: shortDiff(majority.sample, sample, maxDiffLines),
            })),
  };
};

const nodeValue = ({ node, outcome }: NodeOutcome): Record<string, unknown> => {
  const { id, name } = node;
  if (outcome.state === 'not_run') return { id, name, state: outcome.state, ...whyValue(outcome.why) };
  const { state, durationMs } = outcome;
  const common = { id, name, state, duration_ms: Math.round(durationMs) };
  return 'error' in outcome ? { ...common, error: outcome.error } : { ...common, ...outcome.result };
};

const whyValue = ({ kind, reason }: NotRun): Record<string, unknown> => ({ why: kind, reason });
