/** Bytes to and from a program in a terminal of any machine, as streams: what the protocol of an agent travels on (I19). */
import type { Machine } from '@navisai/machine';

export interface TerminalChannel extends Disposable {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

const windowBytes = 1024 * 1024;
/** A line longer than this is no message of an agent. */
const maxLineBytes = 16 * 1024 * 1024;
const pieceBytes = 64 * 1024;
const lineEnd = 0x0a;

type ChannelMachine = Pick<Machine, 'attach' | 'input'>;

/** Lines that are no JSON objects, such as what a shell says, are left out. The readable ends with the program. */
export const openTerminalChannel = (machine: ChannelMachine, terminalId: string): TerminalChannel => {
  const lines = new JsonLines();
  let close = (): void => undefined;
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      const request = { terminalId, from: 0, snapshot: false, scrollback: 0, windowBytes };
      const end = (): void => {
        close();
        try {
          controller.close();
        } catch {
          // It was closed before.
        }
      };
      const subscription = machine.attach(request, {
        onOutput: ({ offset, bytes }) => {
          for (const line of lines.take(bytes)) controller.enqueue(line);
          subscription.acknowledge(offset + bytes.length);
        },
        onSkipped: end,
        onExit: end,
        onSnapshot: () => undefined,
        onOverflow: end,
      });
      close = () => subscription.close();
    },
    cancel: () => close(),
  });
  const writable = new WritableStream<Uint8Array>({
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const { acceptedBytes } = await machine.input(terminalId, bytes.subarray(at, at + pieceBytes));
        at += acceptedBytes;
      }
    },
  });
  return { readable, writable, [Symbol.dispose]: () => close() };
};

/** Cuts bytes into lines and keeps those that begin like a JSON object. */
class JsonLines {
  #rest: Uint8Array[] = [];
  #length = 0;

  *take(bytes: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
      this.#keep(bytes.subarray(from, end + 1));
      from = end + 1;
      const line = Buffer.concat(this.#rest);
      this.#rest = [];
      this.#length = 0;
      if (/^\s*\{/.test(line.toString('latin1', 0, 64))) yield new Uint8Array(line);
    }
    this.#keep(bytes.subarray(from).slice());
  }

  #keep(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length <= maxLineBytes) this.#rest.push(piece);
    else this.#rest = [];
  }
}
