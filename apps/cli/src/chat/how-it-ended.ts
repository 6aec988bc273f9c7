/** How a run ended that did not complete, for a person. */
import type { EventData, RunEndReason } from '@navisai/protocol';

export type RunEnd = Pick<EventData<'stream_end'>, 'reason' | 'error'>;

export const howItEnded = ({ reason, error }: RunEnd): string => error?.message ?? endWords[reason] ?? reason;

const endWords: Readonly<Partial<Record<RunEndReason, string>>> = {
  interrupted: 'interrupted: the hub ended while the agent worked. Calls that went on meanwhile are found.',
};
