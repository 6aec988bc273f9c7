/** Between an agent that tells and a run that keeps: bounded, and while it is full nothing more is read of the agent (I19). */
import type { AgentEvent } from '@navisai/agent';
import type { ToldPlan } from './acp-events.ts';

type Told = AgentEvent | ToldPlan;

/** Beyond it the agent waits; what is read of it already still comes. */
export const maxWaitingCharacters = 1024 * 1024;
/** What an event takes beside its text. */
const eventCharacters = 100;

export class EventQueue implements Disposable {
  #waiting: Told[] = [];
  #characters = 0;
  #isClosed = false;
  #arrived = Promise.withResolvers<void>();
  #freed = Promise.withResolvers<void>();

  push(events: readonly Told[]): void {
    if (this.#isClosed) return;
    for (const event of events) this.#characters += sizeOf(event);
    this.#waiting.push(...events);
    this.#arrived.resolve();
  }

  /** Resolves when there is room; `undefined`: there is. */
  room(): Promise<void> | undefined {
    return this.#isClosed || this.#characters < maxWaitingCharacters ? undefined : this.#freed.promise;
  }

  /** Everything until `answer` settles, what came with it included; rejects as it does. */
  async *until<T>(answer: Promise<T>): AsyncGenerator<Told, T, void> {
    let isAnswered = false;
    const settle = (): void => {
      isAnswered = true;
      this.#arrived.resolve();
    };
    answer.then(settle, settle);
    for (;;) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers<void>();
      yield* this.#take();
      if (isAnswered && this.#waiting.length === 0) return answer;
    }
  }

  /** Nobody takes what comes: it is let go, and holds nobody up. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#free(this.#characters);
  }

  *#take(): Generator<Told, void, void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const event of batch) {
        yield event;
        this.#free(sizeOf(event));
      }
    }
  }

  #free(characters: number): void {
    this.#characters -= characters;
    if (this.room() !== undefined) return;
    this.#freed.resolve();
    this.#freed = Promise.withResolvers<void>();
  }
}

const sizeOf = (event: Told): number => {
  if (event.type === 'plan')
    return event.entries.reduce((sum, { content }) => sum + content.length + eventCharacters, eventCharacters);
  if (event.type === 'delta' || event.type === 'call_delta') return event.text.length + eventCharacters;
  return event.type === 'result' ? event.result.output.length + eventCharacters : eventCharacters;
};
