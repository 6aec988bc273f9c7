/**
 * What the hub has not answered yet. The same is sent again under the same id, so that the hub knows it where only its
 * answer was lost; anything else is another message (A3, N9).
 */
import { newId } from '@navisai/protocol';
import type { Draft } from './draft.ts';

export interface Saying {
  sessionId: string;
  text: string;
  /** Ids of its files. */
  attachments: readonly string[];
  /** The message that it is said instead of. */
  replaces?: string;
}

export class Unsent {
  readonly #memory: Draft | undefined;
  /** `undefined` when everything was answered. */
  #last: { id: string; content: string } | undefined;

  /** Without a memory it is forgotten with the page. */
  constructor(memory?: Draft) {
    this.#memory = memory;
    const [, id, content] = /^([^\n]+)\n(.+)$/.exec(memory?.read() ?? '') ?? [];
    if (id !== undefined && content !== undefined) this.#last = { id, content };
  }

  get id(): string | undefined {
    return this.#last?.id;
  }

  isFor(saying: Saying): boolean {
    return this.#last?.content === contentOf(saying);
  }

  /** To be sent with it. */
  idFor(saying: Saying): string {
    if (this.#last !== undefined && this.isFor(saying)) return this.#last.id;
    const [id, content] = [newId('message'), contentOf(saying)];
    this.#last = { id, content };
    this.#memory?.write(`${id}\n${content}`);
    return id;
  }

  /** The hub has it. */
  clear(): void {
    this.#last = undefined;
    this.#memory?.write('');
  }
}

/** One line. */
const contentOf = ({ sessionId, text, attachments, replaces }: Saying): string =>
  JSON.stringify([sessionId, text, attachments, replaces]);
