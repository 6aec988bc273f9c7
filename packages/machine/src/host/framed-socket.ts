/** A socket that carries frames: bounded in both directions, with one listener. */
import type { Socket } from 'node:net';
import {
  encodeData,
  encodeMessage,
  FrameDecoder,
  joinSmall,
  maxHandshakeFrameBytes,
  maxHostFrameBytes,
  type Frame,
} from './frames.ts';

export interface FrameListener {
  onFrame(frame: Frame): void;
  /** Once, when nothing more will come. */
  onClose(reason: string): void;
  /** After `isCongested` was true and the peer has read. */
  onDrain(): void;
}

/** Bytes waiting for a peer that does not read; above it no more output should be sent. */
const congestedBytes = 1024 * 1024;
/** Named overflow: a peer that takes nothing while this much waits is disconnected (`peer does not read`). */
const overflowBytes = 2 * maxHostFrameBytes;
/** What nobody waits for is gathered this long, or until there are so many: it must not wake the peer beside what counts. */
const late = { ms: 10, frames: 64 } as const;

export class FramedSocket {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder(maxHandshakeFrameBytes);
  #listener: FrameListener | null = null;
  #early: Frame[] = [];
  #closeReason: string | null = null;
  #late: Uint8Array[] = [];
  #lateTimer: NodeJS.Timeout | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#listener?.onDrain());
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.#closed('connection closed'));
    socket.on('end', () => this.close('connection closed'));
  }

  get isCongested(): boolean {
    return this.#socket.writableLength > congestedBytes;
  }

  get isClosed(): boolean {
    return this.#closeReason !== null;
  }

  /** Frames that came before a listener are handed over first. */
  listen(listener: FrameListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) listener.onFrame(frame);
    if (this.#closeReason !== null) listener.onClose(this.#closeReason);
  }

  /** Hands the socket on to the next listener, with the frames that the present one has not used. */
  release(unused: Frame[]): void {
    this.#listener = null;
    this.#early = unused;
  }

  /** The peer has proven itself: large frames are read from now on. */
  trust(): void {
    this.#decoder.allow(maxHostFrameBytes);
  }

  sendMessage(message: unknown, payload?: Uint8Array): void {
    this.#write(encodeMessage(message, payload));
  }

  /** For what nobody waits for. */
  sendMessageLate(message: unknown): void {
    this.#late.push(...encodeMessage(message));
    if (this.#late.length >= late.frames) this.#sendLate();
    else this.#lateTimer ??= setTimeout(() => this.#sendLate(), late.ms);
  }

  sendData(frame: { channel: number; offset: number; bytes: Uint8Array }): void {
    this.#write(encodeData(frame));
  }

  close(reason: string): void {
    this.#closed(reason);
    this.#socket.destroy();
  }

  /** Closes after what was sent is out. */
  end(reason: string): void {
    this.#sendLate();
    this.#closed(reason);
    this.#socket.end(() => this.#socket.destroy());
  }

  unref(): void {
    this.#socket.unref();
  }

  #sendLate(): void {
    if (this.#lateTimer !== null) clearTimeout(this.#lateTimer);
    this.#lateTimer = null;
    const pieces = this.#late;
    this.#late = [];
    if (pieces.length > 0) this.#write(joinSmall(pieces));
  }

  #write(pieces: Uint8Array[]): void {
    if (this.#closeReason !== null) return;
    if (this.#socket.writableLength > overflowBytes) return this.close('peer does not read');
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#decoder.push(chunk)) {
        if (this.#closeReason !== null) return;
        if (this.#listener === null) this.#early.push(frame);
        else this.#listener.onFrame(frame);
      }
    } catch (error) {
      this.close(error instanceof Error ? error.message : 'bad frame');
    }
  }

  #closed(reason: string): void {
    if (this.#closeReason !== null) return;
    this.#closeReason = reason;
    if (this.#lateTimer !== null) clearTimeout(this.#lateTimer);
    this.#listener?.onClose(reason);
  }
}
