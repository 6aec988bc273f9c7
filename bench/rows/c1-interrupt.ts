/** C1: Ctrl-C into a flood that a 5 MB/s client watches. */
import { spawn } from 'node:child_process';
import { startBenchHub } from '../bench-hub.ts';
import type { BenchHub, Place } from '../bench-hub.ts';
import { interleave, median, within } from '../measure.ts';
import { startSshPeer } from '../peers/ssh-peer.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const bytesPerMs = 5_000;
const floodMs = 2_000;
/** The program stops at Ctrl-C and says so; what is waited for is the moment this is seen. */
const command = `trap 'echo; echo STOPPED-HERE' INT; yes 'a line that floods the terminal until it is interrupted'; sleep 1`;
const mark = 'STOPPED-HERE';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const finder = () => {
  const found = Promise.withResolvers<void>();
  let tail = '';
  return {
    found: () => within(60_000, 'the answer to Ctrl-C', found.promise),
    look(bytes: Uint8Array): void {
      tail = (tail + Buffer.from(bytes).toString('latin1')).slice(-bytes.length - mark.length);
      if (tail.includes(mark)) found.resolve();
    },
  };
};

const viaNavis = (hub: BenchHub) => async (): Promise<number> => {
  const terminal = await hub.openTerminal(command);
  const connection = await hub.connect();
  const finding = finder();
  const view = connection.live().viewTerminal(
    { terminalId: terminal.terminalId, control: 'always' },
    {
      onReset: ({ data }) => finding.look(Buffer.from(data)),
      async onBytes({ bytes }) {
        finding.look(bytes);
        await pause(bytes.length / bytesPerMs);
      },
    },
  );
  await pause(floodMs);
  const start = performance.now();
  view.input('\x03');
  await finding.found();
  const elapsed = performance.now() - start;
  connection.close();
  await hub.closeTerminal(terminal);
  return elapsed;
};

const viaSsh = (sshArguments: string[]) => async (): Promise<number> => {
  const child = spawn('ssh', ['-tt', ...sshArguments, command], { stdio: ['pipe', 'pipe', 'ignore'] });
  const finding = finder();
  const reading = (async () => {
    for await (const data of child.stdout) {
      finding.look(data as Buffer);
      await pause((data as Buffer).length / bytesPerMs);
    }
  })();
  await pause(floodMs);
  const start = performance.now();
  child.stdin.write('\x03');
  await finding.found();
  const elapsed = performance.now() - start;
  child.kill('SIGKILL');
  await reading;
  return elapsed;
};

const interruptFigures = async (place: Place, rounds: number): Promise<Figure[]> => {
  await using hub = await startBenchHub(place);
  await using ssh = await startSshPeer();
  const contenders = { ours: viaNavis(hub), ...(ssh === undefined ? {} : { ssh: viaSsh(ssh.fresh) }) };
  const times = await interleave(contenders, { rounds, samples: 1 });
  const ours = median(times['ours'] ?? []);
  const sshMs = median(times['ssh'] ?? []);
  return [
    {
      what: 'p50',
      unit: 'ms',
      ours,
      peers: ssh === undefined ? {} : { ssh: sshMs },
      goal: "at most a quarter of ssh's",
      met: ssh === undefined ? null : ours <= sshMs / 4,
    },
  ];
};

export const c1Interrupt: BenchRow = {
  id: 'C1',
  what: 'Ctrl-C into a flood seen by a 5 MB/s client',
  run: ({ rounds }) => interruptFigures('main', rounds),
};

export const c1InterruptOnNode: BenchRow = {
  id: 'C1-NODE',
  what: 'Ctrl-C into a flood seen by a 5 MB/s client, over hub and node',
  run: ({ rounds }) => interruptFigures('node', rounds),
};
