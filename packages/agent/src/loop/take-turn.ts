/** One turn: asks the model with the present context, tells what it says, and keeps it. */
import type { AgentEvent, AgentMessage, ModelError, ModelEvent, ModelRequest } from '../agent.types.ts';
import { compactHarder } from '../compaction/compact-run.ts';
import { type CallPart, callsOf } from '../history/order-answers.ts';
import { inOneLine } from '../resilience/is-content.ts';
import { Answer } from './answer.ts';
import { refuseCalls, tellNotMade } from './make-calls.ts';
import { readEvents } from './next-event.ts';
import type { RunEnd, RunState } from './run-state.ts';
import { UsageTally } from './usage-tally.ts';

/** A model on a slow machine may read for minutes before its first word. */
const modelSilenceMs = 600_000;
/** Characters of one answer; a model that never ends is ended here. */
const maxAnswerLength = 4 * 1024 * 1024;

/** Answers in a row that broke off and were gone on with; the next one ends the run. */
const maxBrokenInARow = 2;

export interface Turn {
  calls: CallPart[];
  /** It broke off for a moment's reason: the model is asked to go on from what it had said. */
  isBroken?: boolean;
  /** Set where the run ends with it. */
  end: RunEnd | null;
}

export async function* takeTurn(run: RunState): AsyncGenerator<AgentEvent, Turn, void> {
  for (let hasCompacted = false; ; hasCompacted = true) {
    const answer = new Answer(run);
    const end = yield* readAnswer(run, answer);
    if (end.type === 'end') {
      run.brokenInARow = 0;
      return yield* keepAnswer(run, { answer, reason: end.reason });
    }
    const isTooLong = end.error.code === 'CONTEXT_TOO_LONG' && answer.isEmpty && !hasCompacted;
    if (!isTooLong || !(yield* compactHarder(run))) return yield* keepBroken(run, { answer, error: end.error });
  }
}

type AnswerEnd = (Pick<FinishedAnswer, 'reason'> & { type: 'end' }) | Extract<ModelEvent, { type: 'error' }>;

async function* readAnswer(run: RunState, answer: Answer): AsyncGenerator<AgentEvent, AnswerEnd, void> {
  const { request } = run;
  const asked: ModelRequest = {
    system: request.system,
    messages: run.view.of(run.messages),
    tools: request.tools.map(({ name, description, schema }) => ({ name, description, schema })),
    temperature: request.temperature,
    signal: request.signal,
  };
  const startedAt = request.now();
  const measured = { ...asked, tools: request.tools, messages: run.messages };
  const tally = new UsageTally(measured, run.meter);
  let end: AnswerEnd = { type: 'end', reason: 'length' };
  for await (const event of readEvents(() => request.model.stream(asked), {
    signal: request.signal,
    silenceMs: modelSilenceMs,
  })) {
    tally.take(event);
    if (event.type === 'end' || event.type === 'error') end = event;
    yield* tellModel(run, event);
    yield* answer.take(event);
    if (answer.size > maxAnswerLength) break;
  }
  run.count({ usage: tally.usage, ms: request.now() - startedAt, isTurn: true });
  if (tally.told !== undefined) run.meter.learn({ asked: measured, told: tally.told.inputTokens });
  yield { type: 'usage', usage: run.usage() };
  return end;
}

function* tellModel(run: RunState, event: ModelEvent): Generator<AgentEvent, void, void> {
  if (event.type === 'notice') return yield { type: 'notice', kind: event.kind, text: event.text };
  if (event.type === 'error' || (event.type !== 'model' && run.model !== null)) return;
  const reference = event.type === 'model' ? event.reference : run.request.model.reference;
  if (event.type === 'model') run.contextTokens = event.contextTokens;
  if (run.model === reference) return;
  run.model = reference;
  yield { type: 'model', reference };
}

interface FinishedAnswer {
  answer: Answer;
  reason: Extract<ModelEvent, { type: 'end' }>['reason'];
}

/** Kept before its calls start, so that nothing runs that is not on record. */
async function* keepAnswer(run: RunState, { answer, reason }: FinishedAnswer): AsyncGenerator<AgentEvent, Turn, void> {
  const message: Extract<AgentMessage, { role: 'assistant' }> = { role: 'assistant', parts: answer.parts() };
  if (message.parts.length > 0) yield* run.keep(message);
  const calls = callsOf(message);
  if (reason === 'length' && calls.length === 0)
    yield { type: 'notice', kind: 'budget', text: 'The answer is cut: the model reached the limit of one answer.' };
  return { calls, end: null };
}

/** What was said stays said; calls of an answer that broke off are not made, and say so. */
async function* keepBroken(
  run: RunState,
  { answer, error }: { answer: Answer; error: ModelError },
): AsyncGenerator<AgentEvent, Turn, void> {
  const message: Extract<AgentMessage, { role: 'assistant' }> = { role: 'assistant', parts: answer.wholeParts() };
  if (message.parts.length > 0) yield* run.keep(message);
  const isStopped = run.request.signal.aborted;
  yield* tellNotMade(run, { calls: answer.unfinishedCalls(), isStopped });
  yield* refuseCalls(run, { calls: callsOf(message), isStopped });
  if (isStopped) return { calls: [], end: { reason: 'stopped', error: null } };
  run.brokenInARow += 1;
  if (!error.isRetryable || answer.isEmpty || run.brokenInARow > maxBrokenInARow)
    return { calls: [], end: { reason: 'failed', error: { code: error.code, message: error.message } } };
  const text = `${inOneLine(error)} The answer broke off; the model is asked to go on (${run.brokenInARow} of ${maxBrokenInARow}).`;
  yield { type: 'notice', kind: 'retry', text };
  return { calls: [], isBroken: true, end: null };
}
