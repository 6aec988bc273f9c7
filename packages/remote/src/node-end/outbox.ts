/**
 * What leaves on one connection of a node: control frames at once, output only while little of it is under way, taken in
 * turns from the streams that have some. So neither a flood nor a slow network delays a result, a heartbeat or an echo.
 */
import { nodeCloseCodes, nodeLinkWindowBytes } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { RemoteChannel } from '../remote.types.ts';

/** Something with output waiting. */
export interface OutputSource {
  readonly hasMore: boolean;
  readonly waitingBytes: number;
  /** The next frame, with at most so many bytes of output. */
  take(maxBytes: number): Frame | undefined;
}

/** Large enough to make bytes cheap, small enough for an echo to pass between two. */
const maxOutputFrameBytes = 128 * 1024;
/** After a frame of output, more is gathered for so many turns of the event loop (microseconds when there is none), or until this much waits. */
const gathering = { turns: 8, bytes: 64 * 1024 } as const;
/** Behind so little, such as an echo, only what comes in the same turn is gathered: turns keep the hub waiting for a processor. */
const smallBytes = 1024;
/** Output waits while this much has not left the process: a slow network. More than the hub's step of `received`. */
const maxUnsentBytes = 256 * 1024;
/** What nobody waits for is gathered this long, or until there are so many: it must not wake the hub beside what counts. */
const late = { ms: 10, frames: 64 } as const;
/** LINK_OVERFLOW: the other side does not read at all. */
const maxBufferedBytes = 64 * 1024 * 1024;

export class Outbox {
  readonly #channel: RemoteChannel;
  readonly #waiting = new Set<OutputSource>();
  #sent = 0;
  #received = 0;
  #turn: NodeJS.Immediate | undefined;
  #turnsLeft = 0;
  #late: Frame[] = [];
  #lateTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(channel: RemoteChannel) {
    this.#channel = channel;
  }

  /** In the unit of `received`. */
  get sent(): number {
    return this.#sent;
  }

  /** A control frame: never waits. */
  send(frame: Frame): void {
    if (this.#isClosed) return;
    this.#sent += frame.length;
    this.#channel.send(frame);
    if (this.#channel.bufferedBytes <= maxBufferedBytes) return;
    this.close();
    this.#channel.close(nodeCloseCodes.stopping, 'LINK_OVERFLOW: the hub does not read');
  }

  /** A control frame that nobody waits for. */
  sendLate(frame: Frame): void {
    if (this.#isClosed) return;
    this.#late.push(frame);
    if (this.#late.length >= late.frames) this.#sendAllLate();
    else this.#lateTimer ??= setTimeout(() => this.#sendAllLate(), late.ms);
  }

  /** A stream has output: the first goes at once. */
  offer(source: OutputSource): void {
    if (this.#isClosed) return;
    this.#waiting.add(source);
    if (this.#turn === undefined) this.#pump();
  }

  withdraw(source: OutputSource): void {
    this.#waiting.delete(source);
  }

  /** The hub has read so much. */
  received(total: number): void {
    this.#received = Math.max(this.#received, Math.min(total, this.#sent));
    if (this.#turn === undefined) this.#pump();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#late = [];
    clearTimeout(this.#lateTimer);
    if (this.#turn !== undefined) clearImmediate(this.#turn);
  }

  #sendAllLate(): void {
    clearTimeout(this.#lateTimer);
    this.#lateTimer = undefined;
    const frames = this.#late;
    this.#late = [];
    for (const frame of frames) this.send(frame);
  }

  get #hasRoom(): boolean {
    return this.#sent - this.#received < nodeLinkWindowBytes && this.#channel.bufferedBytes < maxUnsentBytes;
  }

  #pump(): void {
    let sentBytes = 0;
    for (const source of this.#waiting) {
      if (this.#isClosed || !this.#hasRoom) break;
      // Behind the others, when it has more.
      this.#waiting.delete(source);
      const frame = source.take(maxOutputFrameBytes);
      if (source.hasMore) this.#waiting.add(source);
      if (frame !== undefined) this.send(frame);
      sentBytes += frame?.length ?? 0;
    }
    if (sentBytes === 0 || this.#isClosed) return;
    this.#turnsLeft = sentBytes < smallBytes ? 1 : gathering.turns;
    this.#turn = setImmediate(() => this.#onTurn());
  }

  #onTurn(): void {
    this.#turnsLeft -= 1;
    const isGathering = this.#turnsLeft > 0 && !this.#hasLargeFrame;
    this.#turn = isGathering ? setImmediate(() => this.#onTurn()) : undefined;
    if (!isGathering) this.#pump();
  }

  get #hasLargeFrame(): boolean {
    for (const { waitingBytes } of this.#waiting) if (waitingBytes >= gathering.bytes) return true;
    return false;
  }
}
