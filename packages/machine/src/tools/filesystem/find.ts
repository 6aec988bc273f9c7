/** The action `find`: entries below a directory by glob and type. */
import { excludedNames, fileResults, maxVisitedEntries, NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { escapeForDisplay } from '../../plain-text/escape-for-display.ts';
import { succeeded } from '../terminal/call-result.ts';
import { compileGlob } from './glob.ts';
import { newWalkReport, walk } from './walk.ts';
import type { EntryType, WalkReport } from './walk.ts';
import type { CallOf, FileWork } from './work.types.ts';

/** A type alias: it goes into `metadata`. */
type FoundEntry = { path: string; type: EntryType };

export const findEntries = async ({ files, invocation }: FileWork, call: CallOf<'find'>): Promise<ToolResult> => {
  const glob = call.pattern === undefined ? null : compileGlob(call.pattern, 'pattern');
  const isExcluded = excluding(call.exclude);
  const limit = Math.min(call.limit ?? fileResults.default, fileResults.max);
  await using start = await files.directory({ given: call.path ?? '.' });
  const report = newWalkReport();
  const found: FoundEntry[] = [];
  const options = { maxDepth: call.max_depth, isExcluded, ...walkChecks(files) };
  const stopped = await untilStopped(async () => {
    for await (const entry of walk(start, options, report)) {
      if (report.visited > maxVisitedEntries) return 'entries';
      if (call.type !== undefined && entry.type !== call.type) continue;
      if (glob !== null && !glob.matches(entry)) continue;
      if (found.length === limit) return 'results';
      found.push({ path: entry.relativePath, type: entry.type });
    }
    return null;
  });
  invocation.warnings.push(...walkWarnings(report));
  const lines = found.map(({ path, type }) => `${escapeForDisplay(path)}${type === 'directory' ? '/' : ''}`);
  const metadata = { path: start.realPath, found, visited: report.visited, truncated: stopped !== null };
  return succeeded([...(lines.length === 0 ? ['(nothing found)'] : lines), ...stopLine(stopped)].join('\n'), metadata);
};

export type StopReason = 'results' | 'entries' | 'bytes' | 'time' | null;

/** What a search has found when its time is over is an answer. */
export const untilStopped = async (search: () => Promise<StopReason>): Promise<StopReason> => {
  try {
    return await search();
  } catch (error) {
    if (error instanceof NavisError && error.code === 'timeout') return 'time';
    throw error;
  }
};

export const stopLine = (stopped: StopReason): string[] => {
  const reasons = {
    results: 'there are more; narrow the search or raise limit',
    entries: `stopped after ${maxVisitedEntries} entries; begin further down`,
    bytes: 'the answer is full; narrow the search',
    time: 'stopped because the time was over; narrow the search or raise timeout',
  } as const;
  return stopped === null ? [] : [`[… ${reasons[stopped]} …]`];
};

export const excluding = (exclude: readonly string[] = excludedNames) => {
  const globs = exclude.map((glob, index) => compileGlob(glob, `exclude.${index}`));
  return (entry: { name: string; relativePath: string }): boolean => globs.some((glob) => glob.matches(entry));
};

export const walkChecks = (files: FileWork['files']) => ({
  check: () => files.check(),
  allow: (realPath: string) => files.allow(realPath, 'read'),
});

export const walkWarnings = ({ unreadable, denied, unnameable }: WalkReport): string[] => [
  ...(unreadable === 0 ? [] : [`${unreadable} directories could not be read.`]),
  ...(unnameable === 0 ? [] : [`${unnameable} entries have names that are not UTF-8 and were left out.`]),
  ...(denied === 0 ? [] : [`${denied} entries are hidden by the policy of this machine.`]),
];
