/** Keys while older output is looked at. */

/** Lines to go (negative is up), or a place. */
export type HistoryWish = number | 'start' | 'leave';

export const judgeHistoryKey = ({ key }: { key: string }, rows: number): HistoryWish | undefined => {
  const page = Math.max(1, rows - 1);
  switch (key) {
    case 'PageUp':
      return -page;
    case 'PageDown':
    case ' ':
      return page;
    case 'ArrowUp':
    case 'k':
      return -1;
    case 'ArrowDown':
    case 'j':
      return 1;
    case 'Home':
      return 'start';
    case 'End':
    case 'Escape':
    case 'q':
      return 'leave';
    default:
      return undefined;
  }
};
