/** One run whose loop is on a node, as its hub has it: takes its events in order, serves what it asks, and ends it (N8). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { agentEventWindow, maxAgentAsks, maxNodeFrameBytes, NavisError } from '@navisai/protocol';
import type { HubFrame, NodeFrameOf } from '@navisai/protocol';
import type { NodeAgentOrder, NodeAgentSink } from '../remote.types.ts';
import { RecentIds } from '../recent-ids.ts';
import { Violation } from './hub-connection.ts';
import { ServedAsk } from './served-ask.ts';

/** A node that is connected and says nothing about a run has a program that does not know of agents. */
const startDeadlineMs = 20_000;
/** To end what it is doing and to tell its end. */
const stopDeadlineMs = 15_000;
/** AGENT_FLOOD: characters of events that were told and not taken. */
const maxWaitingCharacters = 32 * 1024 * 1024;
/** AGENT_FLOOD: characters of all events of one run. */
const maxRunCharacters = 256 * 1024 * 1024;
/** Events are confirmed at least after so many. */
const keptStep = 32;
const tokenBytes = 32;

export interface RemoteAgentParts {
  order: NodeAgentOrder;
  sink: NodeAgentSink;
  /** Reaches the node when there is a connection. */
  tell(encoded: string): void;
  isConnected(): boolean;
  /** Nothing of it is left here. */
  onOver(): void;
}

type ToldEvent = NodeFrameOf<'agent_event'>['event'];

interface WaitingEvent {
  number: number;
  event: ToldEvent;
  characters: number;
}

export class RemoteAgent {
  readonly runId: string;
  readonly #parts: RemoteAgentParts;
  readonly #token = randomBytes(tokenBytes).toString('base64url');
  readonly #asks = new Map<number, ServedAsk>();
  readonly #doneAsks = new RecentIds();
  readonly #waiting: WaitingEvent[] = [];
  readonly #start: string;
  #waitingCharacters = 0;
  #characters = 0;
  #heard = 0;
  #kept = 0;
  #isTaking = false;
  #isOver = false;
  #stopReason: string | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(parts: RemoteAgentParts) {
    this.#parts = parts;
    const { runId, sessionId, spec } = parts.order;
    this.runId = runId;
    this.#start = encode({ type: 'agent_start', runId, sessionId, token: this.#token, spec });
  }

  /** Number of the last event that came. */
  get heard(): number {
    return this.#heard;
  }

  begin(): void {
    if (Buffer.byteLength(this.#start) > maxNodeFrameBytes)
      return this.lose(new NavisError('PAYLOAD_TOO_LARGE', 'The task is larger than the link to the node carries.'));
    this.resume();
  }

  /** A new connection; `begin` told the node already what was heard. */
  resume(): void {
    if (this.#stopReason !== undefined) return this.#tellStop();
    // The node may wait for what was confirmed on the connection before.
    if (this.#heard > 0) return this.#tellKept();
    this.#parts.tell(this.#start);
    const message = 'The node does not begin the sub-agent. Its program may be older than this hub: upgrade it.';
    this.#setDeadline(startDeadlineMs, new NavisError('VERSION_MISMATCH', message));
  }

  /** The connection was lost: only the owner's grace counts now. */
  pause(): void {
    clearTimeout(this.#deadline);
    if (this.#stopReason !== undefined) this.lose(new NavisError('CANCELLED'));
  }

  onEvent({ number, event }: NodeFrameOf<'agent_event'>): void {
    // What comes twice was heard; behind a gap the connection ends anyway, and the next one begins here.
    if (this.#isOver || number !== this.#heard + 1) return;
    if (this.#heard === 0 && this.#stopReason === undefined) clearTimeout(this.#deadline);
    this.#heard = number;
    const characters = charactersOf(event);
    this.#waiting.push({ number, event, characters });
    this.#waitingCharacters += characters;
    this.#characters += characters;
    const isFlood = this.#waiting.length > agentEventWindow + 1 || this.#waitingCharacters > maxWaitingCharacters;
    if (isFlood) throw new Violation('AGENT_FLOOD: more events of a run than may be told at once');
    if (this.#characters > maxRunCharacters) throw new Violation('AGENT_FLOOD: a run tells too much');
    if (!this.#isTaking) void this.#take();
  }

  /** Throws Violation for what does not come from the loop that was started. */
  onAsk({ id, token, after, ask }: NodeFrameOf<'agent_ask'>): void {
    if (!isEqual(token, this.#token)) throw new Violation('a run asks with a token that is not its own');
    const known = this.#asks.get(id);
    if (known !== undefined) return known.resume(after);
    if (this.#isOver || this.#stopReason !== undefined || this.#doneAsks.has(id)) return;
    if (this.#asks.size >= maxAgentAsks) throw new Violation('AGENT_FLOOD: a run asks too much at once');
    const onDone = (): void => this.#onAskDone(id);
    const served = new ServedAsk({ ...this.#parts, runId: this.runId, id, ask, onDone });
    this.#asks.set(id, served);
    void served.serve();
  }

  onTaken({ id, number, isDone }: NodeFrameOf<'agent_taken'>): void {
    this.#asks.get(id)?.taken(number, isDone);
  }

  onCancel({ id }: NodeFrameOf<'agent_cancel'>): void {
    this.#asks.get(id)?.stop();
  }

  stop(reason: string): void {
    if (this.#isOver || this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#tellStop();
    for (const ask of this.#asks.values()) ask.stop();
    // At its next connection the node hears that there is no such run, and that its calls are cancelled.
    if (!this.#parts.isConnected()) return this.lose(new NavisError('CANCELLED'));
    const message = 'The sub-agent was stopped; its node did not confirm it.';
    this.#setDeadline(stopDeadlineMs, new NavisError('CANCELLED', message));
  }

  /** The node says that it does not have it. */
  onLost({ reason }: NodeFrameOf<'agent_lost'>): void {
    if (this.#stopReason !== undefined) return this.lose(new NavisError('CANCELLED', 'The sub-agent was stopped.'));
    // One that began and is not known any more ended with the node's program.
    const message = 'The program of the node ended while the sub-agent ran there.';
    if (this.#heard > 0) return this.lose(new NavisError('INTERRUPTED', message));
    this.lose(new NavisError('CONFLICT', `The node did not begin the sub-agent: ${reason}`));
  }

  /** It will not be heard of any more. */
  lose(error: NavisError): void {
    if (this.#isOver) return;
    this.#finish();
    this.#parts.sink.onLost(error);
  }

  async #take(): Promise<void> {
    this.#isTaking = true;
    for (let next = this.#waiting.shift(); next !== undefined && !this.#isOver; next = this.#waiting.shift()) {
      const { number, event, characters } = next;
      if (event.type !== 'begun') await this.#parts.sink.onEvent(event);
      this.#waitingCharacters -= characters;
      this.#kept = number;
      const isConfirmed = this.#waiting.length === 0 || number % keptStep === 0 || isAwaited(event);
      if (isConfirmed) this.#tellKept();
      if (event.type === 'end') this.#finish();
    }
    this.#isTaking = false;
  }

  #tellKept(): void {
    this.#parts.tell(encode({ type: 'agent_kept', runId: this.runId, number: this.#kept }));
  }

  #onAskDone(id: number): void {
    this.#asks.delete(id);
    this.#doneAsks.add(id);
  }

  #tellStop(): void {
    const reason = (this.#stopReason ?? '').slice(0, 1000);
    this.#parts.tell(encode({ type: 'agent_stop', runId: this.runId, reason }));
  }

  #setDeadline(ms: number, error: NavisError): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.lose(error), ms);
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    for (const ask of this.#asks.values()) ask.stop();
    this.#asks.clear();
    this.#waiting.length = 0;
    this.#parts.onOver();
  }
}

/** Behind these the loop waits until the hub has kept them. */
const isAwaited = ({ type }: ToldEvent): boolean => type === 'message' || type === 'compacted' || type === 'end';

const encode = (frame: HubFrame): string => JSON.stringify(frame);

const charactersOf = (event: ToldEvent): number =>
  event.type === 'delta' || event.type === 'call_delta' ? event.text.length : JSON.stringify(event).length;

const isEqual = (given: string, expected: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
};
