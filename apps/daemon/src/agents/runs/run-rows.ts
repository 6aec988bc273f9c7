/**
 * What is kept of one run: its row, its messages, its stream; one after the other. What is written is found by what follows
 * at once, and on disk a moment later: each method says for what to wait.
 */
import type { AgentEvent, AgentMessage } from '@navisai/agent';
import { deltaBatchMs, mainNodeId, newId, type RunEndReason, type Usage } from '@navisai/protocol';
import type { KeptMessage, KeptPrompt, NewMessage, RunRecord, StoreWriter, StreamEvent } from '@navisai/store';
import type { LiveRunParts, RunPlan } from './live-run.types.ts';
import type { PreparedRun, UnpreparedRun } from './prepare-run.ts';
import { RunStream } from './run-stream.ts';
import { hasCalls, textOf } from './said.ts';

export interface RunEnding {
  reason: RunEndReason;
  error: { code: string; message: string } | null;
  usage: Usage;
  model: string | null;
}

type Change = Parameters<StoreWriter['conversations']['changeRun']>[1];

/** A write that was made; `durable` resolves when it is on disk. */
interface Written {
  durable: Promise<void>;
}

export interface BegunRun extends Written {
  /** The context that it begins with. */
  kept: KeptMessage[];
  /** Something was said that it should take. */
  hasWaiting: boolean;
}

export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  modelMs: 0,
  durationMs: 0,
  turns: 0,
};

export class RunRows {
  readonly stream: RunStream;
  readonly #plan: RunPlan;
  readonly #parts: LiveRunParts;
  #thread = '';
  #startSeq = 0;
  #hasBegun = false;
  #model: { model?: string } = {};
  /** As it is sent, until it is kept. */
  #prompt: KeptPrompt | undefined;
  #promptDue: NodeJS.Timeout | undefined;
  /** Changes that nobody waits for, one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  /** Messages and the end, one after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(plan: RunPlan, parts: LiveRunParts) {
    this.#plan = plan;
    this.#parts = parts;
    const { feed, now } = parts;
    this.stream = new RunStream({ feed, now, sessionId: plan.session.id, streamId: plan.id });
  }

  /** Nothing of the run may be shown before it is `durable`. */
  async start(prepared: PreparedRun | UnpreparedRun): Promise<BegunRun> {
    const { feed } = this.#parts;
    const run = this.#record(prepared);
    const start = this.#startOf(prepared, run);
    const { result, durable } = await feed.apply(async ({ conversations, appendEvents }) => {
      const [started] = await appendEvents([start]);
      this.#startSeq = started?.seq ?? 0;
      await conversations.startRun({ ...run, startSeq: this.#startSeq });
      if (!('system' in prepared)) return { kept: [], hasWaiting: false };
      const waiting = await conversations.waiting(run.sessionId);
      return { kept: await conversations.context(run.sessionId, this.#thread), hasWaiting: waiting.length > 0 };
    });
    this.#hasBegun = true;
    if ('system' in prepared && this.#plan.parent === null) this.#keepPromptSoon(prepared);
    this.#parts.onChange(run.sessionId);
    return { ...result, durable };
  }

  /** Resolves when it is on disk; what is written after it is so later. */
  async keepMessage(message: AgentMessage, usage: Usage): Promise<void> {
    const text = textToFind(message);
    // Nothing waits for it: viewers are told first, and the model is asked with results, which their machines have still.
    if (message.role !== 'assistant' || !hasCalls(message)) this.#writing = this.#writing.then(afterThisTurn);
    const { durable } = await this.#write(async ({ conversations }, said) => {
      const seq = text === null ? null : lastText(said, this.stream.lastTextSeq);
      await conversations.addMessage(this.#message({ body: this.#parts.messages.bodyOf(message), text, seq }));
      if (message.role === 'assistant') await conversations.changeRun(this.#plan.id, { usage, ...this.#model });
    });
    await durable;
  }

  async keepContext(messages: readonly AgentMessage[]): Promise<void> {
    const body = this.#parts.messages.contextBodyOf(messages);
    const { durable } = await this.#write(async ({ conversations }) => {
      await conversations.addMessage(this.#message({ kind: 'context', body }));
    });
    await durable;
  }

  /** Which model answers; written with the next message. */
  keepModel(model: string): void {
    this.#model = { model };
  }

  /** Resolves when everything was written; rejects NavisError DEGRADED when something could not be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** What the person said meanwhile, without waiting for the disk; notes alone prolong no run. */
  async takeWaiting(): Promise<AgentMessage[]> {
    const sessionId = this.#plan.session.id;
    const { feed, messages } = this.#parts;
    await this.#writing;
    const { result: taken } = await feed.apply(async ({ conversations }) => {
      const waiting = await conversations.waiting(sessionId);
      return waiting.some(({ kind }) => kind === 'message')
        ? conversations.takeWaiting(sessionId, this.#plan.id)
        : undefined;
    });
    return taken === undefined ? [] : messages.read(taken);
  }

  notice({ kind, text }: Extract<AgentEvent, { type: 'notice' }>): Promise<void> {
    return this.stream.keep(this.stream.event('stream_notice', { kind, text: text.slice(0, maxNotice) }));
  }

  change(change: Change): void {
    this.#changing = this.#changing
      .then(() => this.#parts.feed.transaction(({ conversations }) => conversations.changeRun(this.#plan.id, change)))
      .catch((error: unknown) =>
        this.#parts.log.warn({ err: error, runId: this.#plan.id }, 'a run could not be noted'),
      );
  }

  async end({ reason, error, usage, model }: RunEnding): Promise<void> {
    const { stream } = this;
    await this.#changing;
    if (!this.#hasBegun) return;
    // What could not be written is missing; that the run is over is told all the same.
    this.#writing = this.#writing.catch(() => undefined);
    const { id, session, parent } = this.#plan;
    const canContinue = reason !== 'completed' && parent === null;
    const endedAt = new Date(this.#parts.now()).toISOString();
    const { durable } = await this.#write(async ({ conversations, appendEvents }) => {
      await conversations.compactDeltas({ stream: session.id, streamId: id, from: this.#startSeq });
      const ending = stream.event('stream_end', { reason, usage, error, canContinue });
      // What went wrong, for those who know the events of a node only (N9).
      const { code = '', message = '' } = error ?? {};
      const failure = stream.event('error', { code: 'INTERNAL', reason: code, message });
      await appendEvents(reason === 'failed' ? [failure, ending] : [ending]);
      await conversations.changeRun(id, { state: reason, usage, error, model, endedAt });
    });
    await durable;
  }

  /** After what was written before, and not at all where that failed: the order of messages is that of the run. */
  #write(work: (writer: StoreWriter, said: StreamEvent[]) => Promise<void>): Promise<Written> {
    const written = this.#writing.then(() => this.#writeNow(work));
    this.#writing = written;
    written.catch(() => undefined);
    return written;
  }

  /** With what is written next; the model is not kept waiting for it. */
  #keepPromptSoon(prepared: PreparedRun): void {
    this.#prompt = { runId: this.#plan.id, prompt: promptOf(prepared) };
    this.#promptDue = setTimeout(() => void this.#write(async () => undefined), deltaBatchMs);
  }

  async #keepPrompt({ conversations }: StoreWriter): Promise<void> {
    if (this.#prompt !== undefined) await conversations.keepPrompt(this.#plan.session.id, this.#prompt);
  }

  /** What was said goes first, in the same transaction. */
  async #writeNow(work: (writer: StoreWriter, said: StreamEvent[]) => Promise<void>): Promise<Written> {
    await this.stream.settled();
    const pending = this.stream.takePending();
    clearTimeout(this.#promptDue);
    try {
      const written = await this.#parts.feed.apply(async (writer) => {
        await this.#keepPrompt(writer);
        await work(writer, await writer.appendEvents(pending));
      });
      this.#prompt = undefined;
      return written;
    } catch (error) {
      this.stream.putBack(pending);
      throw error;
    }
  }

  #message(facts: Pick<NewMessage, 'body'> & Partial<NewMessage>): NewMessage {
    return {
      id: newId('message'),
      sessionId: this.#plan.session.id,
      thread: this.#thread,
      kind: 'message',
      text: null,
      seq: null,
      runId: this.#plan.id,
      isWaiting: false,
      at: new Date(this.#parts.now()).toISOString(),
      ...facts,
    };
  }

  #record(prepared: PreparedRun | UnpreparedRun): RunRecord {
    const { id, session, parent } = this.#plan;
    const order = 'order' in prepared ? prepared.order : null;
    this.#thread = order?.thread ?? '';
    return {
      id,
      sessionId: session.id,
      kind: 'agent',
      parent,
      state: 'running',
      model: null,
      order,
      startSeq: 0,
      profile: 'actor' in prepared ? prepared.actor.profile.id : prepared.profile,
      nodeId: order?.actor.nodeId ?? mainNodeId,
      instanceId: this.#parts.instanceId,
      startedAt: new Date(this.#parts.now()).toISOString(),
      endedAt: null,
      usage: noUsage,
      error: null,
    };
  }

  #startOf(prepared: PreparedRun | UnpreparedRun, { profile, nodeId }: RunRecord) {
    const { parent, continues, session } = this.#plan;
    // An agent of others brings a model of its own.
    const hasModel = 'model' in prepared && (session.agent?.acpAgent ?? null) === null;
    return this.stream.event('stream_start', {
      parent: parent === null ? null : { streamId: parent.runId, callId: parent.callId },
      continues: continues?.id ?? null,
      model: hasModel ? prepared.model.reference : null,
      depth: 'actor' in prepared ? prepared.actor.depth : 0,
      profile,
      nodeId,
    });
  }
}

/** A round of the event loop later: what was sent is on its way. */
const afterThisTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Of the schema. */
const maxNotice = 64 * 1024;

const textToFind = (message: AgentMessage): string | null => {
  if (message.role === 'user') return message.text;
  if (message.role === 'tool') return null;
  const text = textOf(message);
  return text === '' ? null : text;
};

const lastText = (said: readonly StreamEvent[], before: number | null): number | null =>
  said.findLast(({ event }) => event.type === 'stream_delta' && event.data.kind === 'text')?.seq ?? before;

const promptOf = ({ actor, model, system, tools }: PreparedRun) => ({
  profile: actor.profile.id,
  model: model.reference,
  system,
  tools: tools.map(({ name, description, schema }) => ({ name, description, schema })),
});
