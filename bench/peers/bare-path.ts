/** Plain WebSocket hops in processes of their own: one for what happens on main, two for what crosses hub and node. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import WebSocket from 'ws';
import { timed, within } from '../measure.ts';

export interface BareHop extends AsyncDisposable {
  readonly port: number;
  /** A terminal behind the hop. */
  connect(command: string): Promise<WebSocket>;
  /** Runs the command once per call over one kept connection; resolves with the milliseconds to its end. */
  runner(command: string): Promise<() => Promise<number>>;
}

const startDeadlineMs = 10_000;

/** Straight to the PTY or the spawn. */
export const startBareHop = (): Promise<BareHop> => startHop([]);

/** The limit of our topology: client, relay, hop, PTY. */
export const startBareRelay = async (): Promise<BareHop> => {
  const hop = await startHop([]);
  const relay = await startHop([String(hop.port)]);
  return {
    ...relay,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await hop[Symbol.asyncDispose]();
    },
  };
};

const startHop = async (words: string[]): Promise<BareHop> => {
  const child = fork(new URL('./bare-hop.ts', import.meta.url), words);
  const [port] = (await within(startDeadlineMs, 'the bare hop', once(child, 'message'))) as [number];
  const open = async (path: string, command: string): Promise<WebSocket> => {
    const address = `ws://127.0.0.1:${port}/${path}?command=${encodeURIComponent(command)}`;
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await once(socket, 'open');
    return socket;
  };
  return {
    port,
    connect: (command) => open('', command),
    async runner(command) {
      const socket = await open('run', command);
      return () =>
        timed(async () => {
          const answered = once(socket, 'message');
          socket.send('go');
          await answered;
        });
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
};
