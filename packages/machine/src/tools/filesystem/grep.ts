/** The action `grep`: lines that match, in one file or below a directory. */
import { fileResults, maxInlineOutputBytes, maxSearchedFileBytes, maxVisitedEntries } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { codeOf } from '../../disk-words.ts';
import { compilePattern } from '../../pattern-search.ts';
import { escapeForDisplay } from '../../plain-text/escape-for-display.ts';
import { failedBy, succeeded } from '../terminal/call-result.ts';
import { fileError } from './file-errors.ts';
import { excluding, stopLine, untilStopped, walkChecks, walkWarnings } from './find.ts';
import type { StopReason } from './find.ts';
import { compileGlob } from './glob.ts';
import { openRegularFile } from './regular-file.ts';
import { LineSearch } from './line-search.ts';
import type { FoundLine } from './line-search.ts';
import { hasVanished, newWalkReport, walk } from './walk.ts';
import type { WalkReport } from './walk.ts';
import type { CallOf, FileWork } from './work.types.ts';

type GrepCall = CallOf<'grep'>;

interface Gathered {
  lines: string[];
  bytes: number;
  matches: number;
  files: number;
  notText: number;
  tooLarge: number;
  unreadable: number;
}

export const grepFiles = async (work: FileWork, call: GrepCall): Promise<ToolResult> => {
  const { files, invocation } = work;
  const pattern = compilePattern(call.pattern, { field: 'pattern', ignoreCase: call.ignore_case === true });
  const search = new LineSearch(pattern, { context: call.context ?? 0, check: () => files.check() });
  const limit = Math.min(call.limit ?? fileResults.default, fileResults.max);
  const gathered: Gathered = { lines: [], bytes: 0, matches: 0, files: 0, notText: 0, tooLarge: 0, unreadable: 0 };
  const report = newWalkReport();
  const searching = { search, limit, gathered };
  const stopped = await untilStopped(() => searchAll(work, call, { ...searching, report }));
  invocation.warnings.push(...walkWarnings(report), ...skippedWarnings(gathered));
  const { lines, matches, files: fileCount } = gathered;
  const shown = lines.length === 0 ? ['(no match)'] : lines;
  return succeeded([...shown, ...stopLine(stopped)].join('\n'), {
    matches,
    files_with_matches: fileCount,
    not_text: gathered.notText,
    truncated: stopped !== null,
  });
};

interface Searching {
  search: LineSearch;
  limit: number;
  gathered: Gathered;
  report: WalkReport;
}

const searchAll = async (work: FileWork, call: GrepCall, searching: Searching): Promise<StopReason> => {
  const { files } = work;
  const given = call.path ?? '.';
  const directory = await files.directory({ given }).catch((error: unknown) => {
    const { code, message } = failedBy(error).error ?? {};
    // A file is searched by itself; everything else is what it is.
    if (code === 'FILE_REFUSED' && message?.includes('is not a directory') === true) return null;
    throw error;
  });
  if (directory === null) {
    await using place = await files.place({ given, access: 'read' });
    try {
      return await searchFile({ ...place, relativePath: given }, searching);
    } catch (error) {
      throw fileError(error, given);
    }
  }
  await using start = directory;
  const include = call.include === undefined ? null : compileGlob(call.include, 'include');
  const options = { maxDepth: call.max_depth, isExcluded: excluding(call.exclude), ...walkChecks(files) };
  for await (const entry of walk(start, options, searching.report)) {
    if (searching.report.visited > maxVisitedEntries) return 'entries';
    if (entry.type !== 'file' || (include !== null && !include.matches(entry))) continue;
    const place = { path: entry.directory.entry(entry.name), realPath: entry.realPath, field: 'path' };
    try {
      const stopped = await searchFile({ ...place, relativePath: entry.relativePath }, searching);
      if (stopped !== null) return stopped;
    } catch (error) {
      if (codeOf(error) === '' || !/^E[A-Z]+$/.test(codeOf(error))) throw error;
      if (!hasVanished(error)) searching.gathered.unreadable += 1;
    }
  }
  return null;
};

interface SearchedFile {
  path: string;
  realPath: string;
  field: string;
  relativePath: string;
}

const searchFile = async (place: SearchedFile, { search, limit, gathered }: Searching): Promise<StopReason> => {
  await using file = await openRegularFile(place);
  if (file.stats.size > maxSearchedFileBytes) {
    gathered.tooLarge += 1;
    return null;
  }
  const remaining = limit - gathered.matches;
  const found = await search.inFile(file.handle, remaining + 1);
  if (found === null) {
    gathered.notText += 1;
    return null;
  }
  const matches = found.filter(({ isMatch }) => isMatch);
  if (matches.length > 0) gathered.files += 1;
  const firstTooMany = matches[remaining];
  const shown = firstTooMany === undefined ? found : found.slice(0, found.indexOf(firstTooMany));
  return add(gathered, place.relativePath, shown) ?? (firstTooMany === undefined ? null : 'results');
};

const add = (gathered: Gathered, path: string, found: readonly FoundLine[]): StopReason => {
  const shownPath = escapeForDisplay(path);
  for (const { number, text, isMatch } of found) {
    const mark = isMatch ? ':' : '-';
    const line = `${shownPath}${mark}${number}${mark} ${text}`;
    const bytes = Buffer.byteLength(line) + 1;
    if (gathered.bytes + bytes > maxInlineOutputBytes) return 'bytes';
    gathered.bytes += bytes;
    gathered.lines.push(line);
    if (isMatch) gathered.matches += 1;
  }
  return null;
};

const skippedWarnings = ({ notText, tooLarge, unreadable }: Gathered): string[] => [
  ...(notText === 0 ? [] : [`${notText} files that are not text were skipped.`]),
  ...(tooLarge === 0 ? [] : [`${tooLarge} files of more than ${maxSearchedFileBytes} bytes were skipped.`]),
  ...(unreadable === 0 ? [] : [`${unreadable} files could not be read.`]),
];
