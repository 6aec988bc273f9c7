/** What is told of approvals in the same words everywhere; without schemas, which would weigh on every page (A2). */
import type { Approval } from './approval-entities.ts';

/** Why its answer was needed no more, in the words of who withdrew it; `undefined` where time only ran out. */
export const withdrawnBecause = ({ state, comment }: Pick<Approval, 'state' | 'comment'>): string | undefined =>
  state === 'expired' ? comment || undefined : undefined;

/** What a notification shows of a call where it shows everything: the text, and where it would run. */
export const shownCall = ({ text, workingDirectory }: { text: string; workingDirectory: string | null }): string =>
  workingDirectory === null ? text : `${text}\nin ${workingDirectory}`;
