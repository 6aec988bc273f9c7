/** A conversation as reactive state: at most one change per frame, however fast an agent writes. */
import { callStateOf, conversationKeys, createConversation, livingRun } from '@navisai/client';
import type {
  CallItem,
  CallState,
  ConversationItem,
  ConversationPhase,
  ConversationState,
  RunState,
} from '@navisai/client';
import type { FollowedConversation, KnownConversation, Live } from '@navisai/client';
import type { Approval } from '@navisai/protocol';
import { untrack } from 'svelte';

/** A page in the background draws no frames, and need not be shown at once. */
const hiddenPauseMs = 500;

export class ConversationView implements Disposable {
  readonly sessionId: string;
  readonly #conversation: FollowedConversation;
  #state: ConversationState;
  #structure = $state(0);
  #phase: ConversationPhase;
  /** Everything that is shown, in order; changes only when something comes or goes. */
  readonly keys: readonly string[] = $derived.by(() => {
    void this.#structure;
    return conversationKeys(untrack(() => this.#state));
  });
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(given: { live: Live; sessionId: string; known: KnownConversation | undefined }) {
    this.sessionId = given.sessionId;
    this.#conversation = createConversation(given);
    this.#state = $state.raw(this.#conversation.state);
    this.#phase = $state.raw(this.#conversation.phase);
    this.#conversation.onChange(() => this.#schedule());
  }

  get phase(): ConversationPhase {
    return this.#phase;
  }

  get isWorking(): boolean {
    return this.#state.activeRuns.length > 0;
  }

  get known(): KnownConversation | undefined {
    return this.#conversation.known;
  }

  get planKey(): string | null {
    return this.#state.planKey;
  }

  item(key: string): ConversationItem | undefined {
    return this.#state.items.get(key);
  }

  run(streamId: string | null): RunState | undefined {
    return streamId === null ? undefined : this.#state.runs.get(streamId);
  }

  callState(call: CallItem): CallState {
    return callStateOf(call, call.streamId === null ? undefined : livingRun(this.#state, call.streamId));
  }

  /** The part that may still grow. */
  isGrowing(item: { streamId: string; part: number }): boolean {
    const run = this.run(item.streamId);
    return run?.isRunning === true && run.lastPart === item.part;
  }

  tellApprovals(approvals: readonly Approval[]): void {
    this.#conversation.tellApprovals(approvals);
  }

  [Symbol.dispose](): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#conversation.close();
  }

  #schedule(): void {
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    // Until everything was told once, nothing is shown: drawing the way there would only cost time.
    if (this.#conversation.phase.kind === 'loading') return;
    if (document.visibilityState === 'visible') this.#frame = requestAnimationFrame(() => this.#show());
    else this.#timer = setTimeout(() => this.#show(), hiddenPauseMs);
  }

  #show(): void {
    this.#frame = undefined;
    this.#timer = undefined;
    this.#state = this.#conversation.state;
    this.#phase = this.#conversation.phase;
    this.#structure = this.#state.structure;
  }
}
