/** What `session` and `rule` would allow from a call on: as narrow as it can be said and still be of use (A2). */
import { callMatcherSchema } from '@navisai/protocol';
import type { CallMatcher } from '@navisai/protocol';
import { isTyped } from './describe-call.ts';
import type { DescribedCall } from './described-call.ts';
import { isPlaced } from '../directories.ts';
import { isLedByDirectory } from './leading-elsewhere.ts';
import { isGraver } from './risk.ts';
import { goesElsewhere, isPlainLine } from './rules.ts';

/** Programs whose second word says what they do. */
const withVerb =
  /^(git|npm|yarn|pnpm|pip3?|cargo|go|docker|kubectl|systemctl|make|just|task|npx|brew|apt|apt-get|helm|terraform|uv|poetry|bundle|gh)$/;
/** The word after the verb says what runs. */
const withObject =
  /^((npm|yarn|pnpm) (run|run-script|exec)|bundle exec|poetry run|uv run|go run|cargo run|git (config|remote|stash))$/;
/** Their words name another command. */
const wrapping =
  /^(bash|sh|dash|zsh|env|time|timeout|nice|xargs|sudo|doas|find|command|exec|eval|ssh|mosh|tmux|screen|ed|sqlite3|psql|mysql|mariadb|mongo|mongosh|sbt|lein)$/;

export const proposeMatcher = (described: DescribedCall): CallMatcher | null => {
  const { name, risk, isUnmasked } = described;
  // What is typed is bound to its terminal, which no rule names (N12).
  if (isUnmasked || isTyped(described)) return null;
  const parsed = callMatcherSchema.safeParse({ tools: [name], ...narrowed(described), maxRisk: risk });
  return parsed.success ? parsed.data : null;
};

const narrowed = (described: DescribedCall): Partial<CallMatcher> => {
  const { name, text, risk, command, paths, workingDirectory } = described;
  if (name.includes('filesystem.')) {
    const placed = paths.map((path) => (isPlaced(path) ? path : `${workingDirectory ?? '~'}/${path}`));
    return { directories: placed.map((path) => (risk === 'changing' ? parentOf(path) : path)) };
  }
  if (command === null) return /^(terminal|remote_terminal|code_exec|ssh_exec)/.test(name) ? { command: text } : {};
  if (isGraver(risk, 'network') || !isPlainLine(command)) return { command: text };
  const beginnings = command.commands.map(({ words }) => {
    const texts = words.map((word) => (word.kind === 'known' ? word.text : ''));
    const beginning = beginningOf(texts);
    return beginning !== null && goesElsewhere(texts, beginning.length, workingDirectory) ? null : beginning;
  });
  const known = beginnings.filter((one) => one !== null);
  if (known.length < beginnings.length) return { command: text };
  const commandPrefixes = [...new Set(known.map((one) => one.join(' ')))];
  const isLed = known.some(([program = '']) => isLedByDirectory(program));
  return isLed && workingDirectory !== null
    ? { commandPrefixes, directories: [workingDirectory] }
    : { commandPrefixes };
};

/** The words that say what a command does; null where no beginning says it. */
const beginningOf = ([program = '', verb, object]: readonly string[]): string[] | null => {
  if (wrapping.test(program)) return null;
  const isVerb = withVerb.test(program) && verb !== undefined && /^[\w:.-]+$/.test(verb) && !verb.startsWith('-');
  if (withVerb.test(program) && !isVerb) return null;
  if (isVerb && withObject.test(`${program} ${verb}`))
    return object !== undefined && /^[\w:.][\w:.-]*$/.test(object) ? [program, verb, object] : null;
  if (isVerb) return [program, verb];
  return /^[\w.+-]+$/.test(program) ? [program] : null;
};

/** Everything that a person has, or the system is. */
const tooWide = /^(~|\/root|\/(home|Users)(\/[^/]*)?|)$/;

/** Its siblings are meant too, unless those are everything. */
const parentOf = (path: string): string => {
  const parent = path.replace(/\/+[^/]*\/*$/, '');
  return tooWide.test(parent) ? path : parent;
};
