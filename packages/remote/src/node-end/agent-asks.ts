/** What one loop asks its hub: repeated on every connection until it is answered, and answered once (N8). */
import { agentAnswerWindow, maxAgentAsks, maxNodeFrameBytes } from '@navisai/protocol';
import type { HubFrameOf, NodeAgentAnswer, NodeAgentAsk, NodeFrame } from '@navisai/protocol';

/** Answers are confirmed at least after so many, so that the hub has room for more. */
const takenStep = agentAnswerWindow / 4;

/** How the hub's answers come; `undefined` when the run is over before the last. */
export interface AgentAsk extends Disposable {
  next(): Promise<NodeAgentAnswer | undefined>;
  /** Whatever was begun for it ends; what the hub answers still comes. */
  cancel(): void;
}

export interface AgentAsksParts {
  runId: string;
  token: string;
  /** Reaches the hub when there is a connection. */
  tell(encoded: string): void;
}

/** Of asks that are over: so many may not be known to be at the hub, as their last word was lost with a connection. */
const maxOver = maxAgentAsks;

/** ASK_REFUSED: what does not fit a frame, or one too many. */
export class AskRefused extends Error {}

export class AgentAsks {
  readonly #parts: AgentAsksParts;
  readonly #open = new Map<number, OpenAsk>();
  readonly #over: number[] = [];
  #lastId = 0;

  constructor(parts: AgentAsksParts) {
    this.#parts = parts;
  }

  /** Throws AskRefused. */
  open(ask: NodeAgentAsk): AgentAsk {
    if (this.#open.size >= maxAgentAsks) throw new AskRefused('Too many calls are under way in this run.');
    const id = (this.#lastId += 1);
    const opened = new OpenAsk({ ...this.#parts, id, ask, onOver: () => this.#onOver(id) });
    this.#open.set(id, opened);
    opened.tellAsk();
    return opened;
  }

  onAnswer(frame: HubFrameOf<'agent_answer'>): void {
    this.#open.get(frame.id)?.onAnswer(frame);
  }

  /** A new connection. */
  resume(): void {
    const { runId, tell } = this.#parts;
    for (const id of this.#over) tell(takenFrame({ runId, id, number: 0, isDone: true }));
    for (const ask of this.#open.values()) ask.tellAsk();
  }

  #onOver(id: number): void {
    this.#open.delete(id);
    this.#over.push(id);
    if (this.#over.length > maxOver) this.#over.shift();
  }

  /** The run is over: nobody waits for anything any more. */
  close(): void {
    for (const ask of Array.from(this.#open.values())) ask.abandon();
  }
}

interface OpenAskParts extends AgentAsksParts {
  id: number;
  ask: NodeAgentAsk;
  onOver(): void;
}

class OpenAsk implements AgentAsk {
  readonly #parts: OpenAskParts;
  readonly #answers: NodeAgentAnswer[] = [];
  readonly #body: string;
  #last = 0;
  #isComplete = false;
  #isOver = false;
  #isCancelled = false;
  #wake: (() => void) | undefined;

  constructor(parts: OpenAskParts) {
    this.#parts = parts;
    this.#body = JSON.stringify(parts.ask);
    if (Buffer.byteLength(this.#body) > maxNodeFrameBytes - 1024)
      throw new AskRefused('It is larger than the link to the hub carries.');
  }

  tellAsk(): void {
    const { runId, id, token } = this.#parts;
    const head = JSON.stringify({ type: 'agent_ask', runId, id, token, after: this.#last });
    // The body may be large and is encoded once.
    this.#parts.tell(`${head.slice(0, -1)},"ask":${this.#body}}`);
    if (this.#isCancelled) this.#tell({ type: 'agent_cancel', runId, id });
  }

  onAnswer({ number, answer, isLast }: HubFrameOf<'agent_answer'>): void {
    // What comes twice is known; behind a gap the connection ends anyway, and the next one begins here.
    if (this.#isOver || number !== this.#last + 1) return;
    this.#last = number;
    this.#isComplete = isLast;
    this.#answers.push(answer);
    this.#wake?.();
  }

  async next(): Promise<NodeAgentAnswer | undefined> {
    while (this.#answers.length === 0 && !this.#isOver) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const answer = this.#answers.shift();
    const taken = this.#last - this.#answers.length;
    const isEnd = this.#isComplete && this.#answers.length === 0;
    if (isEnd) this.#finish(true);
    else if (answer !== undefined && taken % takenStep === 0) this.#tellTaken(taken, false);
    return answer;
  }

  cancel(): void {
    if (this.#isOver || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#tell({ type: 'agent_cancel', runId: this.#parts.runId, id: this.#parts.id });
  }

  abandon(): void {
    this.#finish(false);
  }

  /** No answer is wanted any more. */
  [Symbol.dispose](): void {
    this.#finish(true);
  }

  #finish(isTold: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (isTold) this.#tellTaken(this.#last, true);
    this.#wake?.();
    this.#parts.onOver();
  }

  #tellTaken(number: number, isDone: boolean): void {
    const { runId, id, tell } = this.#parts;
    tell(takenFrame({ runId, id, number, isDone }));
  }

  #tell(frame: NodeFrame): void {
    this.#parts.tell(JSON.stringify(frame));
  }
}

const takenFrame = (taken: { runId: string; id: number; number: number; isDone: boolean }): string => {
  const frame: NodeFrame = { type: 'agent_taken', ...taken };
  return JSON.stringify(frame);
};
