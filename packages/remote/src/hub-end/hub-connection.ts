/** One connection of the hub to a node: judges every message, counts what came, and ends it for what no honest node sends. */
import {
  decodeBinaryFrame,
  isWithBytes,
  maxNodeFrameBytes,
  nodeCloseCodes,
  NavisError,
  parseNodeFrame,
} from '@navisai/protocol';
import type { BinaryFrame, HubFrame, NodeFrame } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { ChannelSink, RemoteChannel } from '../remote.types.ts';

/** The node is told after so many bytes that they were read; less than what it holds back for a slow network. */
const receivedStepBytes = 128 * 1024;
/** FRAME_FLOOD: control frames of one second; a thousand commands a second need a fifth of it. */
const maxFramesPerSecond = 20_000;
/** Frames of a newer node that this hub does not know. */
const maxUnknownFrames = 1000;
/** LINK_OVERFLOW: the node does not read. New work is refused from the first on, at the second the connection ends. */
const maxWaitingBytes = { work: 16 * 1024 * 1024, all: 64 * 1024 * 1024 } as const;

export interface HubConnectionOwner {
  /** Throws a Violation for what an honest node does not send. */
  onFrame(frame: NodeFrame, bytes: Uint8Array | undefined): void;
  onOutput(frame: BinaryFrame): void;
  onLost(): void;
  onViolation(reason: string): void;
  /** Resolves with whether the node may tell of them from its next connection on. */
  onUnknownSessions(sessionIds: readonly string[]): Promise<boolean>;
  onUnexpected(error: unknown): void;
  now(): number;
}

/** What no honest node sends. */
export class Violation extends Error {}

/** It tells of sessions that this hub did not give it, or does not know any more. */
export class UnknownSessions extends Error {
  readonly sessionIds: readonly string[];

  constructor(sessionIds: readonly string[]) {
    super('it tells of a session that it was never given');
    this.sessionIds = sessionIds;
  }
}

export class HubConnection implements ChannelSink {
  readonly #channel: RemoteChannel;
  readonly #owner: HubConnectionOwner;
  #sent = 0;
  #received = 0;
  /** Without the frame that is judged now. */
  #receivedBefore = 0;
  #toldReceived = 0;
  #heardAt: number;
  #second = 0;
  #framesInSecond = 0;
  #unknown = 0;
  /** Nothing more is heard on it: what it told is being looked up, then it ends. */
  #isLookedUp = false;
  #isClosed = false;

  constructor(channel: RemoteChannel, owner: HubConnectionOwner) {
    this.#channel = channel;
    this.#owner = owner;
    this.#heardAt = owner.now();
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** When the node was last heard. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Before the frame that is judged now. */
  get receivedBefore(): number {
    return this.#receivedBefore;
  }

  /** False: so much waits that no new work should be given. */
  get takesWork(): boolean {
    return this.#channel.bufferedBytes < maxWaitingBytes.work;
  }

  send(frame: HubFrame): void {
    this.sendEncoded(JSON.stringify(frame));
  }

  sendEncoded(frame: Frame): void {
    if (this.#isClosed) return;
    this.#sent += frame.length;
    this.#channel.send(frame);
    if (this.#channel.bufferedBytes > maxWaitingBytes.all)
      this.end(nodeCloseCodes.stopping, 'LINK_OVERFLOW: the node does not read');
  }

  /** So that the node knows that the hub is there, and that nothing was lost on the way. */
  pulse(): void {
    this.send({ type: 'pulse', sent: this.#sent });
  }

  receive(message: Frame): void {
    if (this.#isClosed || this.#isLookedUp) return;
    this.#heardAt = this.#owner.now();
    this.#receivedBefore = this.#received;
    this.#received += message.length;
    try {
      this.#judge(message);
    } catch (error) {
      this.#fail(error);
    }
    if (this.#received - this.#toldReceived < receivedStepBytes) return;
    this.#toldReceived = this.#received;
    this.send({ type: 'received', bytes: this.#received });
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.onLost();
  }

  end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#channel.close(code, reason.slice(0, 120));
    this.closed();
  }

  #judge(message: Frame): void {
    if (message.length > maxNodeFrameBytes) throw new Violation('a frame is too large');
    if (typeof message === 'string' || isWithBytes(message)) this.#judgeControl(message);
    else this.#owner.onOutput(decodeBinaryFrame(message));
  }

  #judgeControl(message: Frame): void {
    const second = Math.floor(this.#heardAt / 1000);
    this.#framesInSecond = second === this.#second ? this.#framesInSecond + 1 : 1;
    this.#second = second;
    if (this.#framesInSecond > maxFramesPerSecond) throw new Violation('FRAME_FLOOD: too many frames');
    const parsed = parseNodeFrame(message);
    if ('frame' in parsed) this.#owner.onFrame(parsed.frame, parsed.bytes);
    else if (parsed.kind === 'malformed') throw new Violation(parsed.reason);
    else if ((this.#unknown += 1) > maxUnknownFrames) throw new Violation('too many frames of unknown types');
  }

  #fail(error: unknown): void {
    if (error instanceof UnknownSessions) return void this.#lookUp(error);
    // A malformed binary frame is the node's doing; anything else is a fault of this hub, and the node connects again.
    const isViolation = error instanceof Violation || (error instanceof NavisError && error.code === 'INVALID_REQUEST');
    if (!isViolation) this.#owner.onUnexpected(error);
    else this.#owner.onViolation(error.message);
    this.end(isViolation ? nodeCloseCodes.violation : nodeCloseCodes.stopping, isViolation ? error.message : 'failed');
  }

  async #lookUp({ sessionIds, message }: UnknownSessions): Promise<void> {
    this.#isLookedUp = true;
    try {
      if (await this.#owner.onUnknownSessions(sessionIds))
        return this.end(nodeCloseCodes.stopping, 'its sessions are known again');
    } catch (error) {
      this.#owner.onUnexpected(error);
      return this.end(nodeCloseCodes.stopping, 'failed');
    }
    if (this.#isClosed) return;
    this.#owner.onViolation(message);
    this.end(nodeCloseCodes.violation, message);
  }
}
