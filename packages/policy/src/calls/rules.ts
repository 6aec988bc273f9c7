/** Whether a standing decision of the person is about a call (A2). */
import type { CallMatcher, Risk, Rule } from '@navisai/protocol';
import { analyseCommand } from '../analyse-command.ts';
import type { CommandAnalysis } from '../analyse-command.ts';
import { contains, isPlaced, normalPath } from '../directories.ts';
import { isTyped } from './describe-call.ts';
import type { DescribedCall } from './described-call.ts';
import { leadsElsewhere } from './leading-elsewhere.ts';
import type { Place } from './places.ts';
import { isGraver } from './risk.ts';
import { pathsIn, textOf } from './words.ts';

export interface RuledCall {
  described: DescribedCall;
  sessionId: string;
  userId: string;
  nodeId: string;
  place: Place;
  /** ISO 8601. */
  now: string;
}

/** Covers nothing graver unless it says so. */
const defaultMaxRisk: Risk = 'changing';

/** Holds for this person, session, node and moment. */
export const isInForce = (
  rule: Rule,
  { sessionId, userId, nodeId, now }: Omit<RuledCall, 'described' | 'place'>,
): boolean =>
  rule.userId === userId &&
  (rule.sessionId === null || rule.sessionId === sessionId) &&
  (rule.nodes === null || rule.nodes.includes(nodeId)) &&
  (rule.expiresAt === null || rule.expiresAt > now);

/** What allows must cover the call wholly; what asks or denies needs to be about a part of it only. */
export const isAbout = (rule: Rule, call: RuledCall): boolean => {
  const { matcher, effect } = rule;
  if (!isInForce(rule, call) || !namesTool(matcher, call.described.name)) return false;
  return effect === 'allow' ? covers(matcher, call) : touches(matcher, call);
};

const namesTool = ({ tools }: CallMatcher, name: string): boolean =>
  tools.some((tool) => tool === name || name.startsWith(`${tool}.`));

const covers = (matcher: CallMatcher, { described, place }: RuledCall): boolean => {
  const { command, commandPrefixes, directories, maxRisk = defaultMaxRisk } = matcher;
  if (described.isUnmasked || isGraver(described.risk, maxRisk)) return false;
  // The same words mean another thing in another terminal.
  if (isTyped(described) && (command !== undefined || commandPrefixes !== undefined)) return false;
  if (command !== undefined && described.text !== command) return false;
  if (commandPrefixes !== undefined && !everyCommandBegins(described, commandPrefixes)) return false;
  return directories === undefined || liesIn(directories, described, place);
};

/** A line with anything unknown in it is covered by no prefix. */
const everyCommandBegins = ({ command, workingDirectory }: DescribedCall, prefixes: readonly string[]): boolean => {
  if (command === null || !isPlainLine(command)) return false;
  const allowed = prefixes.map(wordsOf).filter((words) => words !== null);
  return command.commands.every(({ words }) => {
    const texts = words.map((word) => (word.kind === 'known' ? word.text : ''));
    return allowed.some(
      (prefix) =>
        prefix.every((word, at) => texts[at] === word) && !goesElsewhere(texts, prefix.length, workingDirectory),
    );
  });
};

/** By what follows the beginning that a rule names. */
export const goesElsewhere = (
  [program = '', ...words]: readonly string[],
  namedWords: number,
  workingDirectory: string | null,
): boolean =>
  leadsElsewhere({
    program,
    named: words.slice(0, namedWords - 1),
    following: words.slice(namedWords - 1),
    workingDirectory,
  });

/** Only words that are known, and nothing that the shell does by itself. */
export const isPlainLine = ({
  unknown,
  counted,
  commands,
  files,
  assignments,
  definesFunctions,
}: CommandAnalysis): boolean =>
  unknown.length === 0 &&
  counted.length === 0 &&
  commands.length > 0 &&
  !definesFunctions &&
  assignments.length === 0 &&
  files.every(({ target }) => target.kind === 'known' && target.text === '/dev/null') &&
  commands.every(({ words }) => words.every((word) => word.kind === 'known'));

/** The words of a prefix as a shell reads them; null where it is no plain beginning of one command. */
export const wordsOf = (prefix: string): string[] | null => {
  const analysis = analyseCommand(prefix);
  const [first] = analysis.commands;
  if (first === undefined || analysis.unknown.length > 0 || analysis.files.length > 0) return null;
  const texts = first.words.map((word) => (word.kind === 'known' ? word.text : null));
  return texts.some((text) => text === null) ? null : texts.filter((text) => text !== null);
};

const liesIn = (directories: readonly string[], described: DescribedCall, place: Place): boolean => {
  const { workingDirectory, paths, command } = described;
  const allowed = directories.map((directory) => normalPath(directory, place.home));
  const isIn = (path: string): boolean => allowed.some((directory) => contains(directory, path));
  const absolute = (path: string): string | null => {
    if (isPlaced(path)) return normalPath(path, place.home);
    return workingDirectory === null ? null : normalPath(`${workingDirectory}/${path}`, place.home);
  };
  const named = [...paths, ...(command === null ? [] : pathsOfCommand(command))];
  if (command !== null && workingDirectory === null) return false;
  // Files are where their paths say; a program may do anything where it begins.
  const isProgram = command !== null || paths.length === 0;
  const begins = isProgram && workingDirectory !== null ? [absolute(workingDirectory)] : [];
  const places = [...named.map(absolute), ...begins];
  const followed = places.flatMap((path) => (path === null ? [null] : [path, place.realPath?.(path) ?? path]));
  return followed.length > 0 && followed.every((path) => path !== null && isIn(path));
};

/** Every word may be a path; one that is not known may be any. */
const pathsOfCommand = ({ commands, files }: CommandAnalysis): string[] => {
  const words = [...commands.flatMap(({ words: [, ...args] }) => args), ...files.map(({ target }) => target)];
  return words.flatMap((word) => {
    const text = textOf(word);
    if (text === null) return ['/'];
    return pathsIn(text).filter((path) => path !== '/dev/null');
  });
};

/** What cannot be told may be what the rule is about. */
const touches = (matcher: CallMatcher, { described, place }: RuledCall): boolean => {
  const { command, commandPrefixes, directories, maxRisk } = matcher;
  if (maxRisk !== undefined && isGraver(described.risk, maxRisk)) return false;
  if (command !== undefined && described.text !== command) return false;
  if (commandPrefixes !== undefined && !someCommandBegins(described, commandPrefixes)) return false;
  return directories === undefined || touchesPlace(directories, described, place);
};

const someCommandBegins = ({ command, risk }: DescribedCall, prefixes: readonly string[]): boolean => {
  if (command === null) return isGraver(risk, 'network');
  if (command.unknown.length > 0 || command.counted.length > 0 || command.definesFunctions) return true;
  const named = prefixes.map(wordsOf).filter((words) => words !== null);
  return command.commands.some(({ words }) =>
    named.some((prefix) =>
      prefix.every((word, at) => {
        const given = words[at];
        if (given === undefined) return false;
        const text = given.kind === 'known' ? given.text : word;
        return text === word || (at === 0 && text.endsWith(`/${word}`));
      }),
    ),
  );
};

const touchesPlace = (directories: readonly string[], described: DescribedCall, place: Place): boolean => {
  const { workingDirectory, paths, command } = described;
  const base = workingDirectory ?? place.home;
  const named = [base, ...paths, ...(command === null ? [] : pathsOfCommand(command))];
  return named.some((path) => {
    const absolute = normalPath(/^[~/]/.test(path) ? path : `${base}/${path}`, place.home);
    return directories.some((directory) => contains(normalPath(directory, place.home), absolute));
  });
};
