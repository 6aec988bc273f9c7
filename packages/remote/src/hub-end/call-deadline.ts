/** How long a hub waits for the result of a call (N6): the tool's own limit and a margin for ending what it started. */
import { timeoutSeconds, waitForSeconds } from '@navisai/protocol';

/** To end a process tree (TERM, KILL after 5 s, again until nothing is left), to read its output, and for the way. */
export const callMarginMs = 30_000;

export const callDeadlineMs = (input: unknown): number => {
  const given = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const timeout = within(given['timeout'], timeoutSeconds);
  const wait = given['wait_for'];
  const asked = typeof wait === 'object' && wait !== null ? (wait as Record<string, unknown>) : undefined;
  const waits = asked === undefined ? 0 : within(asked['timeout'], waitForSeconds);
  return Math.max(timeout, waits) * 1000 + callMarginMs;
};

/** What the machine will refuse anyway needs no more than the default. */
const within = (value: unknown, range: { default: number; min: number; max: number }): number =>
  typeof value === 'number' && value >= range.min && value <= range.max ? value : range.default;
