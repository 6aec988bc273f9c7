/** A2: from the network's return to live output, with every byte counted. */
import { setTimeout as pause } from 'node:timers/promises';
import { startFaultProxy } from '@navisai/testkit';
import { startBenchHub } from '../bench-hub.ts';
import type { Place } from '../bench-hub.ts';
import { median, within } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const outageMs = 1_500;

const reconnectFigures = async (place: Place, rounds: number): Promise<Figure[]> => {
  await using hub = await startBenchHub(place);
  await using proxy = await startFaultProxy(hub.port);
  const terminal = await hub.openTerminal('i=0; while :; do echo "line $((i+=1))"; sleep 0.005; done');
  const connection = await hub.connect({ origin: `https://127.0.0.1:${proxy.port}` });
  let next: number | undefined;
  let [lost, doubled] = [0, 0];
  let onLive = (): void => undefined;
  const view = connection.live().viewTerminal(
    { terminalId: terminal.terminalId, snapshot: false },
    {
      onReset: () => undefined,
      onBytes({ offset, bytes }) {
        const expected = next ?? offset;
        if (offset > expected) lost += offset - expected;
        if (offset < expected) doubled += expected - offset;
        next = offset + bytes.length;
        onLive();
      },
    },
  );
  const untilLive = (): Promise<void> => within(30_000, 'live output', new Promise((resolve) => (onLive = resolve)));
  await untilLive();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    proxy.setRefusing(true);
    proxy.cutAll();
    await pause(outageMs);
    const live = untilLive();
    const begin = performance.now();
    proxy.setRefusing(false);
    await live;
    times.push(performance.now() - begin);
  }
  view.close();
  const ours = median(times);
  return [
    {
      what: 'live again after the network is back, p50',
      unit: 'ms',
      ours,
      peers: {},
      goal: 'at most 500 ms (stretch 100)',
      met: ours <= 500,
    },
    { what: 'lost', unit: 'bytes', ours: lost, peers: {}, goal: '0', met: lost === 0 },
    { what: 'doubled', unit: 'bytes', ours: doubled, peers: {}, goal: '0', met: doubled === 0 },
  ];
};

export const a2Reconnect: BenchRow = {
  id: 'A2',
  what: 'reconnect after a cut: time until live again, bytes lost, bytes doubled',
  run: ({ rounds }) => reconnectFigures('main', rounds),
};

export const a2ReconnectOnNode: BenchRow = {
  id: 'A2-NODE',
  what: 'reconnect after a cut: time until live again, bytes lost, bytes doubled, over hub and node',
  run: ({ rounds }) => reconnectFigures('node', rounds),
};
