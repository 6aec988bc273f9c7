/** The first lines in which two texts differ. */

/** Longer texts are compared up to here. */
const maxLines = 300;

/** `- ` lines of `from`, `+ ` lines of `to`; at most `limit`, the last one saying how many more there are. */
export const shortDiff = (from: string, to: string, limit: number): string[] => {
  const changes = changedLines(from.split('\n').slice(0, maxLines), to.split('\n').slice(0, maxLines));
  if (changes.length <= limit) return changes;
  return [...changes.slice(0, limit - 1), `… ${changes.length - limit + 1} more`];
};

const changedLines = (from: readonly string[], to: readonly string[]): string[] => {
  const common = commonLengths(from, to);
  const changes: string[] = [];
  let left = 0;
  let right = 0;
  while (left < from.length || right < to.length) {
    if (left < from.length && right < to.length && from[left] === to[right]) {
      left += 1;
      right += 1;
    } else if (left < from.length && (common[left + 1]?.[right] ?? 0) >= (common[left]?.[right + 1] ?? -1)) {
      changes.push(`- ${from[left] ?? ''}`);
      left += 1;
    } else {
      changes.push(`+ ${to[right] ?? ''}`);
      right += 1;
    }
  }
  return changes;
};

/** Length of the longest common subsequence of what follows each pair of positions. */
const commonLengths = (from: readonly string[], to: readonly string[]): number[][] => {
  const lengths = Array.from({ length: from.length + 1 }, () => Array.from({ length: to.length + 1 }, () => 0));
  for (let left = from.length - 1; left >= 0; left -= 1)
    for (let right = to.length - 1; right >= 0; right -= 1) {
      const row = lengths[left];
      if (row === undefined) continue;
      row[right] =
        from[left] === to[right]
          ? 1 + (lengths[left + 1]?.[right + 1] ?? 0)
          : Math.max(lengths[left + 1]?.[right] ?? 0, row[right + 1] ?? 0);
    }
  return lengths;
};
