/** The loops of sub-agents that run here for the hub; without it for long, they end (N8). */
import { maxNodeAgents } from '@navisai/protocol';
import type { HubFrameOf, NodeFrame, ToolResult } from '@navisai/protocol';
import type { Machine } from '@navisai/machine';
import type { AgentLoop } from '../remote.types.ts';
import { type EndedCall, ServedAgent } from './served-agent.ts';

/** The hub has given up by then. */
const hubGoneMs = 60_000;

export interface ServedAgentsParts {
  loop: AgentLoop | undefined;
  machine: Machine;
  /** Reaches the hub when there is a connection. */
  tell(encoded: string): void;
}

export class ServedAgents {
  readonly #parts: ServedAgentsParts;
  readonly #runs = new Map<string, ServedAgent>();
  #gone: NodeJS.Timeout | undefined;

  constructor(parts: ServedAgentsParts) {
    this.#parts = parts;
  }

  /** A new connection, with what the hub knows of: it does not ask for any other run any more, as after its restart. */
  begin(known: readonly { runId: string; event: number }[] = []): void {
    clearTimeout(this.#gone);
    const heard = new Map(known.map(({ runId, event }) => [runId, event]));
    for (const [runId, run] of Array.from(this.#runs)) {
      const event = heard.get(runId);
      if (event === undefined) run.forget();
      else run.resume(event);
    }
    for (const { runId, event } of known)
      // One that was never heard of is started again; it has done nothing.
      if (event > 0 && !this.#runs.has(runId)) this.#lost(runId, 'This process does not know the run.');
  }

  start(frame: HubFrameOf<'agent_start'>): void {
    const { runId } = frame;
    const { loop, machine, tell } = this.#parts;
    if (this.#runs.has(runId)) return;
    if (loop === undefined) return this.#lost(runId, 'No sub-agents run on this node.');
    if (this.#runs.size >= maxNodeAgents) return this.#lost(runId, 'Too many sub-agents run on this node.');
    const run = new ServedAgent({ start: frame, loop, machine, tell, onOver: () => void this.#runs.delete(runId) });
    this.#runs.set(runId, run);
    void run.run();
  }

  stop({ runId }: HubFrameOf<'agent_stop'>): void {
    const run = this.#runs.get(runId);
    if (run === undefined) this.#lost(runId, 'This process does not know the run.');
    else run.stop();
  }

  kept({ runId, number }: HubFrameOf<'agent_kept'>): void {
    this.#runs.get(runId)?.kept(number);
  }

  answer(frame: HubFrameOf<'agent_answer'>): void {
    this.#runs.get(frame.runId)?.onAnswer(frame);
  }

  /** Before the hub is told of it. */
  onResult(call: EndedCall, result: ToolResult): void {
    for (const run of this.#runs.values()) run.onResult(call, result);
  }

  /** The connection was lost. */
  pause(): void {
    clearTimeout(this.#gone);
    if (this.#runs.size > 0) this.#gone = setTimeout(() => this.close(), hubGoneMs).unref();
  }

  /** Every loop ends; calls go on, and their results are kept as those of every call. */
  close(): void {
    clearTimeout(this.#gone);
    for (const run of Array.from(this.#runs.values())) run.forget();
  }

  #lost(runId: string, reason: string): void {
    const frame: NodeFrame = { type: 'agent_lost', runId, reason };
    this.#parts.tell(JSON.stringify(frame));
  }
}
