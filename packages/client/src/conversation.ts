/** A conversation kept true: the events of its session from the beginning, folded as they come. */
import type { Approval, HubEvent } from '@navisai/protocol';
import { emptyConversation, foldConversation } from './conversation-fold.ts';
import type { Conversation, ConversationPhase, ConversationState } from './conversation.types.ts';
import type { EventCursor, EventStream, Live } from './live.types.ts';

export interface ConversationOptions {
  live: Live;
  sessionId: string;
  /** What was known when it was followed before: only what came since is fetched. */
  known?: KnownConversation | undefined;
}

export interface KnownConversation {
  state: ConversationState;
  cursor: EventCursor;
}

export interface FollowedConversation extends Conversation {
  /** To go on from later; `undefined` before everything was told once. */
  readonly known: KnownConversation | undefined;
}

/** Follows the session until `close`. One at a time per session. */
export const createConversation = (options: ConversationOptions): FollowedConversation => new Follower(options);

class Follower implements FollowedConversation {
  readonly #sessionId: string;
  readonly #stream: EventStream;
  readonly #listeners = new Set<() => void>();
  #approvals: readonly Approval[] = [];
  #state: ConversationState;
  #phase: ConversationPhase = { kind: 'loading' };

  constructor({ live, sessionId, known }: ConversationOptions) {
    this.#sessionId = sessionId;
    this.#state = known?.state ?? emptyConversation;
    const handlers = {
      onEvent: (event: HubEvent) => this.#fold(event),
      onReset: () => this.#startOver(),
      onLive: () => this.#tell({ kind: 'live' }),
      onEnd: (error: Extract<ConversationPhase, { kind: 'ended' }>['error']) => this.#tell({ kind: 'ended', error }),
    };
    this.#stream = live.followSession(sessionId, handlers, known?.cursor ?? { after: 0 });
  }

  get state(): ConversationState {
    return this.#state;
  }

  get phase(): ConversationPhase {
    return this.#phase;
  }

  get known(): KnownConversation | undefined {
    const { cursor } = this.#stream;
    return this.#phase.kind === 'live' && cursor !== undefined ? { state: this.#state, cursor } : undefined;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tellApprovals(approvals: readonly Approval[]): void {
    this.#approvals = approvals;
    this.#foldApprovals();
  }

  close(): void {
    this.#stream.close();
    this.#listeners.clear();
  }

  #startOver(): void {
    this.#state = emptyConversation;
    this.#tell({ kind: 'loading' });
  }

  #tell(phase: ConversationPhase): void {
    this.#phase = phase;
    if (phase.kind === 'live') this.#foldApprovals();
    this.#changed();
  }

  #fold(event: HubEvent): void {
    const next = foldConversation(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#changed();
  }

  /** Before everything was told, an approval would stand where its call is not yet. */
  #foldApprovals(): void {
    if (this.#phase.kind !== 'live') return;
    for (const approval of this.#approvals) {
      if (approval.kind !== 'call' || approval.detail.call.sessionId !== this.#sessionId) continue;
      const data = { seq: 0, approval };
      this.#fold({ type: 'approval.updated', data, timestamp: approval.createdAt });
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
