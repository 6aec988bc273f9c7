/** The heap of a Node.js process after everything that is not used was collected, asked for over its inspector. */
import { within } from './measure.ts';

const deadlineMs = 20_000;
/** Where Node.js listens after SIGUSR1. */
const inspector = 'http://127.0.0.1:9229/json';

export interface InspectedProcess extends Disposable {
  /** Bytes. */
  collectedHeap(): Promise<number>;
}

export const inspectProcess = async (pid: number): Promise<InspectedProcess> => {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await within(deadlineMs, 'the inspector', findInspector()));
  const waiting = new Map<number, (result: unknown) => void>();
  let asked = 0;
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
    waiting.get(answer.id ?? 0)?.(answer.result);
    waiting.delete(answer.id ?? 0);
  };
  await within(deadlineMs, 'the inspector', new Promise((resolve) => (socket.onopen = resolve)));
  const ask = (method: string): Promise<unknown> => {
    const answer = new Promise((resolve) => waiting.set((asked += 1), resolve));
    socket.send(JSON.stringify({ id: asked, method }));
    return within(deadlineMs, method, answer);
  };
  return {
    async collectedHeap() {
      await ask('HeapProfiler.collectGarbage');
      return ((await ask('Runtime.getHeapUsage')) as { usedSize: number }).usedSize;
    },
    [Symbol.dispose]: () => socket.close(),
  };
};

const findInspector = async (): Promise<string> => {
  for (;;) {
    const listed = await fetch(inspector).catch(() => undefined);
    const [target] = ((await listed?.json()) ?? []) as { webSocketDebuggerUrl: string }[];
    if (target !== undefined) return target.webSocketDebuggerUrl;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
