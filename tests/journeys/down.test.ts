/** After `navisai down`: no process, no socket, no child of any kind (I12, T7, T19). */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, findMarked, until, type TestHome } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { cli, cliJson, startCli, type CliPlace } from './cli-process.fixture.ts';
import { pidsWith } from './processes.fixture.ts';

/** What people and programs do to outlive their shell; the first ones keep their terminal busy. */
const busy = [
  'sleep SECONDS & wait',
  'nohup sleep SECONDS >/dev/null 2>&1 & wait',
  '(setsid nohup sleep SECONDS >/dev/null 2>&1 &) ; sleep SECONDS',
  `trap '' TERM HUP INT; while :; do sleep SECONDS; done`,
];
const over = ['setsid sleep SECONDS', `setsid bash -c 'trap "" TERM HUP; sleep SECONDS & disown; exec sleep SECONDS'`];
const seconds = '97531';

/** Socket folders are made below these two. */
const placeOf = (home: TestHome, hasRuntimeFolder: boolean): CliPlace & { sockets: string } => {
  const sockets = join(home.mark, 's');
  mkdirSync(sockets, { mode: 0o700 });
  const variables: Record<string, string> = hasRuntimeFolder ? { XDG_RUNTIME_DIR: sockets } : { TMPDIR: sockets };
  return { ...home, sockets, environment: (more = {}) => home.environment({ ...variables, ...more }) };
};

const openAll = async (place: CliPlace, mark: string): Promise<void> => {
  for (const [index, command] of [...busy, ...over].entries())
    await cliJson(place, ['terminal', 'open', `t${index}`, '--', command.replaceAll('SECONDS', seconds)]);
  // A run that has ended and left a child behind.
  await cli(place, ['run', '--', `setsid nohup sleep ${seconds} >/dev/null 2>&1 & echo started`]);
  const everySleep = [...busy, ...over].join().split('sleep SECONDS').length;
  await until('they all run', async () => (await pidsWith(mark, `sleep ${seconds}`)).length >= everySleep);
};

for (const hasRuntimeFolder of [true, false])
  test(`I12: down leaves no process, no socket and no child, with sockets ${hasRuntimeFolder ? 'in XDG_RUNTIME_DIR' : 'in the folder for temporary files'}`, async () => {
    await using home = await createTestHome();
    const place = placeOf(home, hasRuntimeFolder);
    await cliJson(place, ['up', '--port=0']);
    await openAll(place, home.mark);
    expect(readdirSync(place.sockets).filter((name) => name.startsWith('navis-'))).toHaveLength(1);
    const running = startCli(place, [
      'run',
      '--timeout',
      '100',
      '--',
      `echo begun; setsid sleep ${seconds}; echo never`,
    ]);
    await until('a run is under way', () => running.stdout === 'begun\n');
    const down = await cli(place, ['down']);
    expect(down.exitCode).toBe(0);
    for (const index of busy.keys()) expect(down.stdout).toContain(`t${index}`);
    const { exitCode } = await running.ended;
    expect(exitCode).not.toBe(0);
    expect(await findMarked(home.mark)).toEqual([]);
    expect(readdirSync(place.sockets).filter((name) => name.startsWith('navis-'))).toEqual([]);
    expect(readdirSync(join(home.home, 'run'))).not.toContain('daemon.json');
  });

test('I12: down of a hub that was killed does the same', async () => {
  await using home = await createTestHome();
  const place = placeOf(home, true);
  const { pid } = await cliJson<{ pid: number }>(place, ['up', '--port=0']);
  await openAll(place, home.mark);
  process.kill(pid, 'SIGKILL');
  await until('it is dead', async () => !(await findMarked(home.mark)).some((found) => found.pid === pid));
  expect((await cli(place, ['down'])).exitCode).toBe(0);
  expect(await findMarked(home.mark)).toEqual([]);
  expect(readdirSync(place.sockets).filter((name) => name.startsWith('navis-'))).toEqual([]);
});
