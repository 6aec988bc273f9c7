/** What leaves on one socket: events and bytes, with a bound on what a reader that does not read can pile up. */
import { encodeBinaryFrame } from '@navisai/protocol';
import type { Writable } from 'node:stream';
import type { BinaryFrame, EventData, EventType, HubEvent } from '@navisai/protocol';
import type { WebSocket } from 'ws';

/** Above this much unsent data nothing that can wait is sent, and nothing more is read from the client. */
export const busyBytes = 1024 * 1024;
/** SOCKET_OVERFLOW: a reader that lets more than this pile up is closed with 1013 and may come back by its cursors. */
export const maxUnsentBytes = 16 * 1024 * 1024;
export const socketCloseOverflow = 1013;

export class Outlet {
  readonly isBinary: boolean;
  readonly #socket: WebSocket;
  /** What carries the socket. */
  readonly #stream: Writable;
  /** Told in this turn of the event loop. */
  #events = 0;
  #waiting: { maxUnsent: number; callback: () => void }[] = [];

  constructor(socket: WebSocket, { isBinary, stream }: { isBinary: boolean; stream: Writable }) {
    this.#socket = socket;
    this.#stream = stream;
    this.isBinary = isBinary;
    socket.on('close', () => this.#wake());
  }

  /** An event that the hub makes for this connection, with the session that it belongs to (I8). */
  tell<T extends EventType>(type: T, data: EventData<T>, sessionId?: string): void {
    this.#gather();
    this.#send(JSON.stringify({ type, sessionId, data, timestamp: new Date().toISOString() }));
  }

  /** An event as it is in the feed. */
  forward(event: HubEvent): void {
    this.#gather();
    this.#send(JSON.stringify(event));
  }

  sendBytes(frame: BinaryFrame): void {
    this.#send(encodeBinaryFrame(frame));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isBusy(): boolean {
    return this.unsentBytes > busyBytes;
  }

  /** Calls once: when at most `maxUnsent` bytes are unsent (at once if so already), or when the socket is over. */
  whenBelow(maxUnsent: number, callback: () => void): void {
    if (this.isOpen && this.unsentBytes > maxUnsent) this.#waiting.push({ maxUnsent, callback });
    else callback();
  }

  /** Resolves when what can wait may be sent. */
  ready(): Promise<void> {
    return new Promise((resolve) => this.whenBelow(busyBytes, resolve));
  }

  #send(frame: string | Uint8Array): void {
    if (!this.isOpen) return;
    this.#socket.send(frame, this.#wake);
    if (this.unsentBytes <= maxUnsentBytes) return;
    this.#socket.close(socketCloseOverflow, 'SOCKET_OVERFLOW: too much unread data');
    this.#socket.terminate();
  }

  /** The first event of a turn leaves at once, the others of that turn together: the reader wakes once for them. */
  #gather(): void {
    this.#events += 1;
    if (this.#events === 1) process.nextTick(this.#endTurn);
    if (this.#events === 2) this.#stream.cork();
  }

  readonly #endTurn = (): void => {
    if (this.#events > 1) this.#stream.uncork();
    this.#events = 0;
  };

  readonly #wake = (): void => {
    if (this.#waiting.length === 0) return;
    const { unsentBytes, isOpen } = this;
    const due = this.#waiting.filter((waiter) => !isOpen || unsentBytes <= waiter.maxUnsent);
    this.#waiting = this.#waiting.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.callback();
  };
}
