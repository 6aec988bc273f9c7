/** A1: from asking for a terminal to its complete screen, with more and more history behind it. */
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub, OpenedTerminal, Place } from '../bench-hub.ts';
import { growthExponent, interleave, median, within } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const sizes = { '1 KB': 1e3, '1 MB': 1e6, '10 MB': 1e7, '100 MB': 1e8 };
const last = 'THE-LAST-LINE';
const maxShownCharacters = 200_000;

/** Connects anew and waits until what the program printed last is there: in the screen, or in bytes that follow it. */
const attach = (hub: BenchHub, terminal: OpenedTerminal) => async (): Promise<number> => {
  const connection = await hub.connect();
  const start = performance.now();
  const screen = Promise.withResolvers<void>();
  let shown = '';
  const show = (text: string): void => {
    shown = (shown + text).slice(-maxShownCharacters);
    if (shown.includes(last)) screen.resolve();
  };
  connection
    .live()
    .viewTerminal(
      { terminalId: terminal.terminalId, scrollback: 0 },
      { onReset: ({ data }) => show(data), onBytes: ({ bytes }) => show(Buffer.from(bytes).toString('latin1')) },
    );
  await within(10_000, 'the complete screen', screen.promise);
  const elapsed = performance.now() - start;
  connection.close();
  return elapsed;
};

const attachFigures = async (place: Place, rounds: number): Promise<Figure[]> => {
  await using hub = await startBenchHub(place);
  const contenders: Record<string, () => Promise<number>> = {};
  for (const [name, bytes] of Object.entries(sizes)) {
    const terminal = await hub.openTerminal(
      `yes 'some line of a long history that nobody reads' | head -c ${bytes}; echo; echo ${last}; read end`,
    );
    await hub.waitForText(terminal, last);
    contenders[name] = attach(hub, terminal);
  }
  const times = await interleave(contenders, { rounds, samples: 3 });
  const medians = Object.keys(sizes).map((name) => median(times[name] ?? []));
  const ours = median(times['100 MB'] ?? []);
  const smaller = Object.fromEntries(
    Object.keys(sizes)
      .slice(0, -1)
      .map((name) => [`ours at ${name}`, median(times[name] ?? [])]),
  );
  const exponent = growthExponent(Object.values(sizes), medians);
  return [
    {
      what: '100 MB of history, p50',
      unit: 'ms',
      ours,
      peers: smaller,
      goal: 'at most 100 ms (stretch 30)',
      met: ours <= 100,
    },
    {
      what: 'growth with the history',
      unit: 'exponent',
      ours: exponent,
      peers: {},
      goal: 'about 0 (below 0.1)',
      met: exponent < 0.1,
    },
  ];
};

export const a1Attach: BenchRow = {
  id: 'A1',
  what: 'attach over a new connection to a complete screen, by history',
  run: ({ rounds }) => attachFigures('main', rounds),
};

export const a1AttachOnNode: BenchRow = {
  id: 'A1-NODE',
  what: 'attach over a new connection to a complete screen, by history, over hub and node',
  run: ({ rounds }) => attachFigures('node', rounds),
};
