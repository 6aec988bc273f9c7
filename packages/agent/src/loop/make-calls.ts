/** Makes the calls of one turn, all at once, and answers each of them, whatever happens. */
import { errorTable, type ErrorCode, type ToolResult } from '@navisai/protocol';
import type { AgentEvent, AgentTool, ToolAnswer } from '../agent.types.ts';
import { isArguments } from '../history/arguments.ts';
import type { CallPart } from '../history/order-answers.ts';
import { openStopDeadline } from './stop-deadline.ts';
import { toolAnswer } from './tool-answer.ts';
import type { RunState } from './run-state.ts';

/** A machine ends what a call started within 5 seconds, and tells it. */
const stopDeadlineMs = 10_000;
/** Calls of one turn; a model that asks for more is told to take them one after the other. */
export const maxCallsPerTurn = 32;

/** Several run at once; results are told and kept in the order of the calls. Ends soon after the run's signal does. */
export async function* makeCalls(run: RunState, calls: readonly CallPart[]): AsyncGenerator<AgentEvent, void, void> {
  if (calls.length === 0) return;
  const { signal, tools } = run.request;
  if (signal.aborted) return yield* refuseCalls(run, { calls, isStopped: true });
  using deadline = openStopDeadline(signal, stopDeadlineMs);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const running = calls.map((call, index) =>
    index < maxCallsPerTurn ? makeCall({ call, byName, signal }) : Promise.resolve(tooMany),
  );
  const late = deadline.passed.then(() => failure('CANCELLED', 'The call was cancelled; it did not end in time.'));
  yield* answerAll(run, { calls, results: running.map((result) => Promise.race([result, late])) });
}

interface NotMade {
  calls: readonly CallPart[];
  isStopped: boolean;
}

/** Tells of calls that never came to be, and are no part of the context, how they stand. */
export function* tellNotMade(run: RunState, { calls, isStopped }: NotMade): Generator<AgentEvent, void, void> {
  const result = isStopped ? notMade : brokenOff;
  for (const { callId, tool } of calls) yield { type: 'result', part: run.nextPart(), callId, tool, result };
}

/** Answers calls that are not made, because the run was stopped or the answer that asked for them broke off. */
export async function* refuseCalls(
  run: RunState,
  { calls, isStopped }: NotMade,
): AsyncGenerator<AgentEvent, void, void> {
  const result = isStopped ? notMade : brokenOff;
  if (calls.length > 0) yield* answerAll(run, { calls, results: calls.map(() => Promise.resolve(result)) });
}

interface Answering {
  calls: readonly CallPart[];
  /** In the order of `calls`; never reject. */
  results: readonly Promise<ToolResult>[];
}

async function* answerAll(run: RunState, { calls, results }: Answering): AsyncGenerator<AgentEvent, void, void> {
  const answers: ToolAnswer[] = [];
  for (const [index, { callId, tool }] of calls.entries()) {
    const result = (await results[index]) ?? notMade;
    answers.push(toolAnswer({ callId, tool, result }));
    yield { type: 'result', part: run.nextPart(), callId, tool, result };
  }
  yield* run.keep({ role: 'tool', results: answers });
}

interface OneCall {
  call: CallPart;
  byName: ReadonlyMap<string, AgentTool>;
  signal: AbortSignal;
}

const makeCall = async ({ call, byName, signal }: OneCall): Promise<ToolResult> => {
  const tool = byName.get(call.tool);
  if (tool === undefined) return unknownTool(call.tool, [...byName.keys()]);
  if (!isArguments(call.arguments)) return notAnObject;
  try {
    return await tool.execute({ callId: call.callId, arguments: call.arguments, signal });
  } catch (error) {
    return failure(
      'INTERNAL',
      `The tool ${call.tool} broke: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

const failure = (code: ErrorCode, message: string = errorTable[code].message): ToolResult => ({
  success: false,
  output: '',
  error: { code, message },
  metadata: {},
});

const unknownTool = (name: string, known: string[]): ToolResult =>
  failure(
    'TOOL_UNKNOWN',
    known.length === 0
      ? `There is no tool ${JSON.stringify(name)}: this agent has none.`
      : `There is no tool ${JSON.stringify(name)}. The tools are: ${known.join(', ')}.`,
  );
const notAnObject = failure(
  'INVALID_ARGUMENT',
  'The arguments of this call are not a complete JSON object, so nothing was done. Write them again; where they are long, do it in several calls.',
);
const tooMany = failure(
  'INVALID_ARGUMENT',
  `At most ${maxCallsPerTurn} calls are made at once. This one was not made; ask for it again.`,
);
const brokenOff = failure(
  'CANCELLED',
  'The call was not made: the answer that asked for it broke off. Ask for it again where it is still needed.',
);
const notMade = failure('CANCELLED', 'The call was not made: the run was stopped before it.');
