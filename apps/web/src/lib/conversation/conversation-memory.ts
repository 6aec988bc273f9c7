/** Conversations that were looked at, so that going back to one shows it at once. */
import type { KnownConversation } from '@navisai/client';
import { createContext } from 'svelte';

/** The one that was left longest ago is forgotten. */
const maxKept = 6;

export class ConversationMemory {
  readonly #known = new Map<string, KnownConversation>();

  take(sessionId: string): KnownConversation | undefined {
    return this.#known.get(sessionId);
  }

  keep(sessionId: string, known: KnownConversation | undefined): void {
    this.#known.delete(sessionId);
    if (known === undefined) return;
    this.#known.set(sessionId, known);
    for (const id of [...this.#known.keys()].slice(0, -maxKept)) this.#known.delete(id);
  }
}

export const [useConversationMemory, provideConversationMemory] = createContext<ConversationMemory>();
