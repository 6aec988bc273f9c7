/** Sockets in memory with the faults of a network: cuts, stalls, delays, drops and duplicates, for tests and for `main`. */
import type { Frame, Socket, SocketClose, SocketSink, SocketTransport } from './socket.types.ts';

/** What happens to one frame. `cut` ends the connection, frames under way are lost; `stall` delivers nothing more. */
export type FrameFate = 'deliver' | 'drop' | 'duplicate' | 'cut' | 'stall' | { delayMs: number };

export interface MemoryFaults {
  /** Decides about each frame; default: deliver. */
  onFrame?: (frame: Frame, direction: 'up' | 'down') => FrameFate;
  /** False refuses the connection. */
  onDial?: () => boolean;
}

export interface MemoryNetwork {
  readonly transport: SocketTransport;
  /** Ends every connection; frames under way are lost. */
  cutAll(): void;
  readonly connections: number;
}

/** `accept` is told each new connection with its far end, and answers with where its frames go. */
export const createMemoryNetwork = (
  accept: (socket: Socket, request: { url: string; subprotocols: string[] }) => Omit<SocketSink, 'onOpen'>,
  faults: MemoryFaults = {},
): MemoryNetwork => {
  const pairs = new Set<MemoryPair>();
  return {
    transport: (request, sink) => {
      const pair = new MemoryPair(request.subprotocols[0] ?? '', faults, () => pairs.delete(pair));
      if (faults.onDial?.() === false) {
        queueMicrotask(() => sink.onClose({ code: 1006, reason: 'refused' }));
        return pair.near;
      }
      pairs.add(pair);
      pair.open(sink, accept(pair.far, request));
      return pair.near;
    },
    cutAll: () => {
      for (const pair of pairs) pair.cut();
    },
    get connections() {
      return pairs.size;
    },
  };
};

class MemoryPair {
  readonly near: Socket;
  readonly far: Socket;
  readonly #faults: MemoryFaults;
  readonly #onOver: () => void;
  #nearSink: Omit<SocketSink, 'onOpen'> | undefined;
  #farSink: Omit<SocketSink, 'onOpen'> | undefined;
  #isOver = false;
  #isStalled = false;
  /** Frames keep their order per direction, also behind a delayed one. */
  #queues = { up: Promise.resolve(), down: Promise.resolve() };

  constructor(subprotocol: string, faults: MemoryFaults, onOver: () => void) {
    this.#faults = faults;
    this.#onOver = onOver;
    this.near = this.#end('up', subprotocol);
    this.far = this.#end('down', subprotocol);
  }

  open(near: SocketSink, far: Omit<SocketSink, 'onOpen'>): void {
    this.#nearSink = near;
    this.#farSink = far;
    queueMicrotask(() => {
      if (!this.#isOver) near.onOpen(this.near);
    });
  }

  cut(): void {
    this.#finish({ code: 1006, reason: 'cut' });
  }

  #end(direction: 'up' | 'down', subprotocol: string): Socket {
    return {
      send: (frame) => this.#carry(frame, direction),
      bufferedBytes: 0,
      subprotocol,
      close: (code = 1000, reason = '') => {
        this.#queues[direction] = this.#queues[direction].then(() => this.#finish({ code, reason }));
      },
      terminate: () => this.cut(),
    };
  }

  #carry(frame: Frame, direction: 'up' | 'down'): void {
    if (this.#isOver || this.#isStalled) return;
    const fate = this.#faults.onFrame?.(frame, direction) ?? 'deliver';
    if (fate === 'cut') this.cut();
    else if (fate === 'stall') this.#isStalled = true;
    else if (fate !== 'drop') this.#enqueue(frame, direction, typeof fate === 'object' ? fate.delayMs : 0);
    if (fate === 'duplicate') this.#enqueue(frame, direction, 0);
  }

  #enqueue(frame: Frame, direction: 'up' | 'down', delayMs: number): void {
    this.#queues[direction] = this.#queues[direction].then(async () => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (!this.#isOver) (direction === 'up' ? this.#farSink : this.#nearSink)?.onFrame(frame);
    });
  }

  #finish(close: SocketClose): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
    queueMicrotask(() => {
      this.#nearSink?.onClose(close);
      this.#farSink?.onClose(close);
    });
  }
}
