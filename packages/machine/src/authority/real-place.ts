/** Where a path really leads, also one whose end does not exist yet. */
import { globSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const realPlace = (path: string): string => {
  const missing: string[] = [];
  for (let present = path; ; present = dirname(present)) {
    try {
      return join(realpathSync(present), ...missing);
    } catch {
      if (present === dirname(present)) return path;
      missing.unshift(present.slice(present.lastIndexOf('/') + 1));
    }
  }
};

/** More are not looked at; then a wildcard is judged by its text alone. */
const maxMatches = 2000;

/** What the wildcards of an absolute path stand for now. */
export const matchesOf = (pattern: string): string[] => {
  try {
    return globSync(pattern).slice(0, maxMatches);
  } catch {
    return [];
  }
};
