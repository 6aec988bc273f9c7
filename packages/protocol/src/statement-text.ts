/** The text of a statement, as it is signed. */
import type { Statement } from './signed-statements.ts';

/** Keys in order, no white space: the same statement is the same text everywhere. */
export const statementText = (given: Statement): string => JSON.stringify(sorted(given));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
};
