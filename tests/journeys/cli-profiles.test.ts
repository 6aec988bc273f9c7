/** Profiles from the command line: listed, shown, copied and changed, on the machine of the hub (P1, P4, I12). */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson } from './cli-process.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

interface Listed {
  profiles: { id: string; name: string; source: string; temperature?: number }[];
  problems: { id: string; file: string; message: string }[];
}
const ids = (listed: Listed): string[] => listed.profiles.map(({ id }) => id);

test('P1: the three shipped profiles are listed, and shown with their prompts', async () => {
  expect(ids(await cliJson<Listed>(hub, ['profiles', 'list']))).toEqual(['developer', 'secretary', 'server_admin']);
  const { stdout, exitCode } = await cli(hub, ['profiles', 'show', 'server_admin']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('### Persistent terminals (terminal open / close / list / status / send_input)');
  expect(stdout).toContain('ssh_exec');
});

test('P1, P4: a copy is made once, its change works at once, and what is wrong with it is said', async () => {
  const made = await cliJson<{ id: string; folder: string }>(hub, ['profiles', 'new', 'nas', '--from', 'server_admin']);
  expect(made).toEqual({ id: 'nas', folder: join(hub.home, 'profiles', 'nas') });
  expect((await stat(join(hub.home, 'profiles'))).mode & 0o777).toBe(0o700);
  const file = join(made.folder, 'profile.json');
  const written = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  expect(written).toMatchObject({ id: 'nas', name: 'nas' });

  const again = await cli(hub, ['profiles', 'new', 'nas']);
  expect([again.exitCode, again.stderr]).toEqual([6, expect.stringContaining('already') as string]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(written);

  await writeFile(file, JSON.stringify({ ...written, temperature: 0.9 }));
  const changed = await cliJson<Listed>(hub, ['profiles']);
  expect(changed.profiles.find(({ id }) => id === 'nas')).toMatchObject({ temperature: 0.9, source: 'user' });

  await writeFile(file, JSON.stringify({ ...written, temperature: 99 }));
  const broken = await cli(hub, ['profiles', 'list']);
  expect(broken.exitCode).toBe(0);
  expect(broken.stderr).toMatch(/nas cannot be used: .*profile\.json.*temperature/s);
  expect(broken.stdout).toContain('developer');
  const shown = await cli(hub, ['profiles', 'show', 'nas']);
  expect([shown.exitCode, shown.stderr]).toEqual([5, expect.stringContaining('temperature') as string]);
});

test('P1: a profile of a shipped id takes its place, and is a copy of it unless told otherwise', async () => {
  await cliJson(hub, ['profiles', 'new', 'secretary']);
  const { profiles } = await cliJson<Listed>(hub, ['profiles']);
  expect(profiles.filter(({ id }) => id === 'secretary')).toMatchObject([{ source: 'user', name: 'Secretary' }]);
});

test('P1: with a hub on another machine nothing is written here', async () => {
  const office = { name: 'office', origin: 'https://hub.example.com', hubId: 'x', deviceId: 'd_x', privateKey: 'x' };
  const known = { hubs: [{ ...office, publicKey: 'x' }] };
  await writeFile(join(hub.home, 'hubs.json'), JSON.stringify(known), { mode: 0o600 });
  const end = await cli(hub, ['--hub', 'office', 'profiles', 'new', 'elsewhere']);
  expect([end.exitCode, end.stderr]).toEqual([6, expect.stringContaining('is another machine') as string]);
  await expect(stat(join(hub.home, 'profiles', 'elsewhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});
