/** Finds sockets whose other end is gone: pings in slices, so that thousands never stop the loop at once. */
import type { WebSocket } from 'ws';

/** Every socket is pinged once per round; one that was silent for a whole round is dropped. */
const roundMs = 20_000;
const slices = 40;

export class Heartbeat {
  readonly #slices: Map<WebSocket, { isAlive: boolean }>[] = Array.from({ length: slices }, () => new Map());
  readonly #timer: ReturnType<typeof setInterval>;
  #next = 0;
  #place = 0;

  constructor(sliceMs = roundMs / slices) {
    this.#timer = setInterval(() => this.#beat(), sliceMs);
    this.#timer.unref();
  }

  watch(socket: WebSocket): void {
    this.#place = (this.#place + 1) % slices;
    const slice = this.#slices[this.#place];
    const life = { isAlive: true };
    slice?.set(socket, life);
    const live = (): void => {
      life.isAlive = true;
    };
    socket.on('pong', live);
    socket.on('message', live);
    socket.on('close', () => slice?.delete(socket));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    this.#next = (this.#next + 1) % slices;
    for (const [socket, life] of this.#slices[this.#next] ?? []) {
      if (!life.isAlive) socket.terminate();
      life.isAlive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}
