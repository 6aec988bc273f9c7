/** One conversation as a client follows it: what is said, what happens, what waits for the person, and when it rests. */
import type { EventStream, HubConnection } from '@navisai/client';
import type { ApprovalOf, HubEvent } from '@navisai/protocol';
import { newId } from '@navisai/protocol';
import type { RunEnd } from './how-it-ended.ts';

export interface ChatStreamOptions {
  hub: HubConnection;
  sessionId: string;
  onEvent(event: HubEvent): void;
  /** Told once for each that waits in this conversation. */
  onApproval(approval: ApprovalOf<'call'>): void;
  onDecided(approval: ApprovalOf<'call'>): void;
  /** The hub ended it: the session was closed, or this device lost its right. */
  onEnd(error: Error): void;
}

/** Output of a command comes on the stream, its answer by the call: how long the stream may lag behind. */
const commandDeadlineMs = 5_000;

/** Goes on with a run that did not come to its end. */
const continueCommand = '/continue';

export class ChatStream implements Disposable {
  readonly #options: ChatStreamOptions;
  readonly #streams: EventStream[] = [];
  readonly #live = Promise.withResolvers<void>();
  readonly #asked = new Set<string>();
  readonly #ended = new Map<string, RunEnd>();
  readonly #waiting = new Map<string, PromiseWithResolvers<RunEnd>>();

  constructor(options: ChatStreamOptions) {
    this.#options = options;
  }

  /** Resolves when everything from now on is seen. */
  async start(): Promise<void> {
    const { hub, sessionId, onEnd } = this.#options;
    const live = hub.live();
    this.#streams.push(
      live.followSession(sessionId, {
        onEvent: (event) => this.#onEvent(event),
        onLive: () => this.#live.resolve(),
        onEnd: (error) => {
          this.#live.reject(error);
          for (const run of this.#waiting.values()) run.reject(error);
          onEnd(error);
        },
      }),
      live.followHub({ onEvent: (event) => this.#onHubEvent(event), onLive: () => void this.#catchUp() }),
    );
    await this.#live.promise;
  }

  /** Resolves when what was said has been dealt with; `null`: nothing told how it ended. */
  async say(text: string): Promise<RunEnd | null> {
    const { hub, sessionId } = this.#options;
    if (text.trim() === continueCommand) {
      const { runId } = await hub.api.continueRun({ params: { id: sessionId } });
      return this.#endOf(runId);
    }
    const body = { messageId: newId('message'), text };
    const { outcome, runId } = await hub.api.sendMessage({ params: { id: sessionId }, body });
    if (runId === null) return null;
    if (outcome !== 'command') return this.#endOf(runId);
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), commandDeadlineMs).unref());
    return Promise.race([this.#endOf(runId), late]);
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams) stream.close();
  }

  #endOf(runId: string): Promise<RunEnd> {
    const end = this.#ended.get(runId);
    if (end !== undefined) return Promise.resolve(end);
    const waiting = this.#waiting.get(runId) ?? Promise.withResolvers<RunEnd>();
    this.#waiting.set(runId, waiting);
    return waiting.promise;
  }

  #onEvent(event: HubEvent): void {
    this.#options.onEvent(event);
    if (event.type !== 'stream_end') return;
    const { streamId, reason, error } = event.data;
    const end = { reason, error };
    this.#ended.set(streamId, end);
    this.#waiting.get(streamId)?.resolve(end);
    this.#waiting.delete(streamId);
  }

  #onHubEvent(event: HubEvent): void {
    if (event.type !== 'approval.request' && event.type !== 'approval.updated') return;
    const { approval } = event.data;
    if (approval.kind !== 'call' || approval.detail.call.sessionId !== this.#options.sessionId) return;
    if (approval.state === 'pending') this.#ask(approval);
    else this.#options.onDecided(approval);
  }

  /** What waited before, or was asked while the connection was away. */
  async #catchUp(): Promise<void> {
    const { approvals } = await this.#options.hub.api.pendingApprovals().catch(() => ({ approvals: [] }));
    for (const approval of approvals)
      if (approval.kind === 'call' && approval.detail.call.sessionId === this.#options.sessionId) this.#ask(approval);
  }

  #ask(approval: ApprovalOf<'call'>): void {
    if (this.#asked.has(approval.id)) return;
    this.#asked.add(approval.id);
    this.#options.onApproval(approval);
  }
}
