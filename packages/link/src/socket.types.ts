/** The seam between the link and what carries its frames: `ws`, a browser's WebSocket, or memory. */

export type Frame = string | Uint8Array<ArrayBuffer>;

export interface SocketClose {
  /** WebSocket close code; 1006 when the connection just ended. */
  code: number;
  reason: string;
}

/** After `onClose` nothing else is called; it is called exactly once, also when the socket never opened. */
export interface SocketSink {
  onOpen(socket: Socket): void;
  onFrame(frame: Frame): void;
  onClose(close: SocketClose): void;
}

export interface Socket {
  /** Must not throw: a socket that is closing drops the frame, and `onClose` tells. */
  send(frame: Frame): void;
  /** Bytes accepted by `send` that have not left this process yet. */
  readonly bufferedBytes: number;
  /** The subprotocol that the other side chose; empty when none. */
  readonly subprotocol: string;
  /** Asks the other side to close; `onClose` follows within `closeTimeoutMs` even when it does not answer. */
  close(code?: number, reason?: string): void;
  /** Ends without asking: `onClose` follows at once. */
  terminate(): void;
}

export interface SocketRequest {
  url: string;
  subprotocols: string[];
}

/** Opens a socket; failures are told by `onClose`. A promise only where the code itself must be loaded first. */
export type SocketTransport = (request: SocketRequest, sink: SocketSink) => Socket | Promise<Socket>;

/** A close handshake that takes longer is a dead peer. */
export const closeTimeoutMs = 2_000;
