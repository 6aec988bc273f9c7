import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createProcessTable } from './process-table.ts';
import { parseProcessList } from './process-table-darwin.ts';
import { parseStat } from './process-table-linux.ts';
import type { ListedProcess, ProcessTable } from './process-table.types.ts';
import {
  cpuTimeOf,
  cwdOf,
  isAlive,
  killProcessTree,
  processesOf,
  startTimeOf,
  type ProcessTree,
} from './process-tree.ts';

const started: ChildProcess[] = [];
const trees: ProcessTree[] = [];

afterEach(async () => {
  for (const tree of trees.splice(0)) await killProcessTree({ ...tree, graceMs: 0 });
  started.splice(0);
});

/** Runs `script` as the run-host would: own session, marker in the environment; resolves once it printed `ready`. */
const startTree = async (script: string): Promise<ProcessTree & { leader: { pid: number } }> => {
  const marker = `NAVIS_CALL_ID=test-${process.pid}-${started.length}-${Math.random()}`;
  const [name = '', value = ''] = marker.split('=');
  const child = spawn('bash', ['-c', script], { detached: true, env: { PATH: process.env.PATH, [name]: value } });
  started.push(child);
  const pid = child.pid ?? 0;
  const tree = { leader: { pid, startTime: (await startTimeOf(pid)) ?? '' }, marker };
  trees.push(tree);
  await once(child.stdout, 'data');
  return tree;
};

const countOf = async (tree: ProcessTree): Promise<number> => (await processesOf(tree)).length;

test('T19: children that ignore TERM and grandchildren that called setsid are gone', async () => {
  const tree = await startTree(
    `trap '' TERM; (trap '' TERM; sleep 1000) & setsid sleep 1001 & sleep 0.05; echo ready; wait`,
  );
  expect(await countOf(tree)).toBeGreaterThanOrEqual(3);
  expect(await killProcessTree({ ...tree, graceMs: 50 })).toEqual({ remaining: [] });
  expect(await countOf(tree)).toBe(0);
  expect(await isAlive(tree.leader)).toBe(false);
});

test('T7: what daemonised before its parents ended is found by the marker', async () => {
  const tree = await startTree(
    `(setsid bash -c 'sleep 1002 & sleep 1003 & disown -a' &) ; sleep 0.2; echo ready; exit 0`,
  );
  await expect.poll(() => isAlive(tree.leader)).toBe(false);
  expect(await countOf(tree)).toBe(2);
  expect(await killProcessTree({ ...tree, graceMs: 1000 })).toEqual({ remaining: [] });
  expect(await countOf(tree)).toBe(0);
});

test('T7: a child with a wiped environment is found by descent and session', async () => {
  const tree = await startTree(`env -i /bin/sleep 1004 & (env -i setsid /bin/sleep 1005 & echo ready; wait)`);
  expect(await countOf({ leader: tree.leader })).toBeGreaterThanOrEqual(4);
  expect(await killProcessTree({ leader: tree.leader, graceMs: 1000 })).toEqual({ remaining: [] });
  expect(await countOf(tree)).toBe(0);
});

test('a stopped process ends within the grace', async () => {
  const tree = await startTree(`sleep 1006 & kill -STOP $!; echo ready; wait`);
  const startedAt = performance.now();
  expect(await killProcessTree(tree)).toEqual({ remaining: [] });
  expect(performance.now() - startedAt).toBeLessThan(4500);
});

test('a PID with another start time is never signalled', async () => {
  const tree = await startTree(`echo ready; sleep 1007`);
  const reused = { leader: { pid: tree.leader.pid, startTime: '1' } };
  expect(await killProcessTree({ ...reused, graceMs: 0 })).toEqual({ remaining: [] });
  expect(await isAlive(tree.leader)).toBe(true);
});

test('a PID reused between the listing and the signal is not signalled', async () => {
  const tree = await startTree(`echo ready; sleep 1008`);
  const real = createProcessTable();
  let looks = 0;
  const stale: ProcessTable = {
    ...real,
    list: async () => {
      looks += 1;
      const listed = (await real.list()).find(({ pid }) => pid === tree.leader.pid);
      return looks > 1 || listed === undefined ? [] : [{ ...listed, startTime: 'earlier' } satisfies ListedProcess];
    },
  };
  const leader = { pid: tree.leader.pid, startTime: 'earlier' };
  expect(await killProcessTree({ leader, graceMs: 0, table: stale })).toEqual({ remaining: [] });
  expect(await isAlive(tree.leader)).toBe(true);
});

test('T21, T25: working directory and CPU time of a tree are told', async () => {
  const tree = await startTree(`cd /; echo ready; while :; do :; done`);
  const before = await cpuTimeOf(tree);
  await expect.poll(() => cpuTimeOf(tree)).toBeGreaterThan(before);
  expect(await cwdOf(tree.leader.pid)).toBe('/');
  expect(await cwdOf(2 ** 22 + 1)).toBeNull();
});

test('a program name with parentheses and newlines does not confuse the parser', () => {
  const rest = 'S 7 8 9 34816 10 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 0';
  const expected = { pid: 12, parentPid: 7, processGroup: 8, session: 9, hasTerminal: true, foregroundGroup: 10 };
  expect(parseStat(`12 (a) R 1\n(b)) ${rest}`)).toMatchObject({ ...expected, startTime: '4242', cpuMs: 260 });
  expect(parseStat('')).toBeNull();
});

test('the listing of macOS is parsed', () => {
  const text =
    '  501   1   501    -1 ??       Ss     0:01.50 Thu Nov 20 07:54:01 2025    \n 77 501 77 77 ttys001 S+ 1-01:00:02.25 Thu Nov 20 07:54:02 2025\n';
  expect(parseProcessList(text)).toEqual([
    expect.objectContaining({
      pid: 501,
      parentPid: 1,
      hasTerminal: false,
      cpuMs: 1500,
      startTime: 'Thu Nov 20 07:54:01 2025',
    }),
    expect.objectContaining({ pid: 77, processGroup: 77, foregroundGroup: 77, hasTerminal: true, cpuMs: 90_002_250 }),
  ]);
});
