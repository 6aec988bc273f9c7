/** Every run whose loop is on one node: over connections one after the other, and to an end when the node stays away (N8). */
import { maxNodeAgents, NavisError } from '@navisai/protocol';
import type { HubFrame, NodeFrame, NodeFrameOf } from '@navisai/protocol';
import type { NodeAgentOrder, NodeAgentRun, NodeAgentSink } from '../remote.types.ts';
import type { HubConnection } from './hub-connection.ts';
import { RemoteAgent } from './remote-agent.ts';

/** A node that is gone, known within 15 s, may come back for so long. */
const defaultGraceMs = 30_000;

export type AgentFrame = Extract<NodeFrame, { type: `agent_${string}` }>;

export class RemoteAgents {
  readonly #connection: () => HubConnection | undefined;
  readonly #graceMs: number;
  readonly #runs = new Map<string, RemoteAgent>();
  #grace: NodeJS.Timeout | undefined;

  constructor(connection: () => HubConnection | undefined, graceMs = defaultGraceMs) {
    this.#connection = connection;
    this.#graceMs = graceMs;
  }

  /** For `begin`: the node stops every other. */
  get known(): { runs?: { runId: string; event: number }[] } {
    const runs = Array.from(this.#runs.values(), ({ runId, heard }) => ({ runId, event: heard }));
    return runs.length === 0 ? {} : { runs };
  }

  start(order: NodeAgentOrder, sink: NodeAgentSink): NodeAgentRun {
    const refusal = this.#refusal(order.runId);
    if (refusal !== undefined) {
      queueMicrotask(() => sink.onLost(refusal));
      return { stop: () => undefined };
    }
    const run: RemoteAgent = new RemoteAgent({
      order,
      sink,
      tell: (encoded) => this.#connection()?.sendEncoded(encoded),
      isConnected: () => this.#connection() !== undefined,
      onOver: () => void this.#runs.delete(run.runId),
    });
    this.#runs.set(run.runId, run);
    queueMicrotask(() => run.begin());
    return { stop: (reason) => run.stop(reason) };
  }

  resume(): void {
    clearTimeout(this.#grace);
    for (const run of this.#runs.values()) run.resume();
  }

  /** The connection was lost. */
  pause(): void {
    for (const run of Array.from(this.#runs.values())) run.pause();
    clearTimeout(this.#grace);
    if (this.#runs.size > 0) this.#grace = setTimeout(() => this.#loseAll(goneMessage), this.#graceMs);
  }

  /** What is said of a run that there is not, as of another node or one that ended, is answered with its end. */
  onFrame(frame: AgentFrame): void {
    const run = this.#runs.get(frame.runId);
    if (run === undefined) {
      if (frame.type === 'agent_ask' || frame.type === 'agent_event') this.#refuse(frame.runId);
      return;
    }
    // The handler is chosen by the frame's own type, which the compiler cannot follow.
    (this.#handlers[frame.type] as (run: RemoteAgent, frame: AgentFrame) => void)(run, frame);
  }

  /** The hub leaves, or the node was removed: nobody takes what they tell. */
  close(): void {
    clearTimeout(this.#grace);
    this.#loseAll('Its node and this hub parted while the sub-agent ran there.');
  }

  readonly #handlers: { [Type in AgentFrame['type']]: (run: RemoteAgent, frame: NodeFrameOf<Type>) => void } = {
    agent_event: (run, frame) => run.onEvent(frame),
    agent_ask: (run, frame) => run.onAsk(frame),
    agent_taken: (run, frame) => run.onTaken(frame),
    agent_cancel: (run, frame) => run.onCancel(frame),
    agent_lost: (run, frame) => run.onLost(frame),
  };

  #refusal(runId: string): NavisError | undefined {
    const connection = this.#connection();
    if (connection === undefined) return new NavisError('NODE_OFFLINE');
    if (this.#runs.has(runId)) return new NavisError('CONFLICT', 'This run is on the node already.');
    if (this.#runs.size >= maxNodeAgents || !connection.takesWork)
      return new NavisError('RATE_LIMITED', `On a node run at most ${maxNodeAgents} sub-agents at a time.`);
    return undefined;
  }

  #refuse(runId: string): void {
    const stop: HubFrame = { type: 'agent_stop', runId, reason: 'The hub has no such run on this node.' };
    this.#connection()?.send(stop);
  }

  #loseAll(message: string): void {
    for (const run of Array.from(this.#runs.values())) run.lose(new NavisError('INTERRUPTED', message));
  }
}

const goneMessage = 'The node of the sub-agent is gone. What it had begun was not run again.';
