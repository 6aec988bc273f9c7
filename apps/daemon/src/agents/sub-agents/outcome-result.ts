/** What the parent gets of its sub-agent: the answer, or why there is none. */
import { errorTable, type ToolResult } from '@navisai/protocol';
import type { RunOutcome } from '../agents.types.ts';

export interface OutcomeFacts {
  outcome: RunOutcome;
  nodeId: string;
  profile: string;
  /** Seconds, when the time was over. */
  timedOutAfter: number | undefined;
  warnings: readonly string[];
}

type Failure = NonNullable<ToolResult['error']>;

export const resultOf = ({ outcome, nodeId, profile, timedOutAfter, warnings }: OutcomeFacts): ToolResult => {
  const { runId, answer } = outcome;
  const metadata = {
    node_id: nodeId,
    run_id: runId,
    profile,
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
  const error = failureOf(outcome, timedOutAfter);
  if (error === undefined) return { success: true, output: answer === '' ? '(no answer)' : answer, metadata };
  return { success: false, output: answer, error, metadata };
};

const failureOf = ({ reason, error }: RunOutcome, timedOutAfter: number | undefined): Failure | undefined => {
  if (reason === 'completed') return undefined;
  if (timedOutAfter !== undefined)
    return {
      code: 'timeout',
      message: `The sub-agent had ${timedOutAfter} seconds and was ended with everything it was doing. What it had said is above.`,
    };
  if (reason === 'stopped') return { code: 'CANCELLED', message: 'The sub-agent was stopped.' };
  if (reason === 'interrupted')
    return { code: 'INTERRUPTED', message: error?.message ?? errorTable.INTERRUPTED.message };
  if (reason === 'budget') return { code: error?.code ?? 'TOKEN_BUDGET', message: `${error?.message ?? ''} ${goOn}` };
  return { code: error?.code ?? 'INTERNAL', message: error?.message ?? 'The sub-agent failed.' };
};

/** Only a person's own conversation can be continued. */
const goOn =
  'A sub-agent is not continued: what it had said is above. Do the rest yourself, or give a smaller part of it to another.';
