/** What failed, in one line each: printed at the very end, so that a log of which only the end is kept tells it. */

/** As vitest tells errors: what `await using` hides behind another one comes along. */
export interface ToldError {
  name?: string;
  message?: string;
  /** Of a SuppressedError: what came later … */
  error?: ToldError;
  /** … and what came first. */
  suppressed?: ToldError;
}

export interface ToldFailure {
  /** File, suites and test. */
  name: string;
  errors: readonly ToldError[];
}

const maxReasonLength = 300;
const maxNameLength = 300;
const maxDepth = 5;

/** `file > suite > test: reason`; of several reasons the first two, since what was left behind often tells why. */
export const describeToldFailure = ({ name, errors }: ToldFailure): string =>
  describeFailure(
    name,
    errors
      .flatMap((error) => reasonsOf(error))
      .slice(0, 2)
      .join(' | '),
  );

/** Both in one line of bounded length. */
export const describeFailure = (name: string, reason: string): string =>
  `${shorten(name.replaceAll(/\s+/g, ' '), maxNameLength)}: ${shorten(firstLines(reason, 1), 2 * maxReasonLength)}`;

const reasonsOf = ({ name, message = '', error, suppressed }: ToldError, depth = 0): string[] => {
  if (depth < maxDepth && suppressed !== undefined)
    return [...reasonsOf(suppressed, depth + 1), ...(error === undefined ? [] : reasonsOf(error, depth + 1))];
  const line = message.startsWith(failedProperty) ? firstLines(message, 3) : firstLines(message, 1);
  return [shorten(name === undefined || name === 'Error' ? line : `${name}: ${line}`, maxReasonLength)];
};

/** Followed by a line with the seed and one with the counterexample. */
const failedProperty = 'Property failed';

const firstLines = (text: string, count: number): string => {
  const lines = text.split('\n').map((line) => line.replaceAll(/\u001B\[[0-9;]*m/g, '').trim());
  const told = lines.filter((line) => line !== '').slice(0, count);
  return told.length === 0 ? 'no reason told' : told.join(' ');
};

const shorten = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length)}…`);
