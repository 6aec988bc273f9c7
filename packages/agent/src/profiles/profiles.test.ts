import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProfileParser, parseProfile } from './profile-folder.ts';
import { profileJsonSchema } from './profile-json-schema.ts';
import { type FoundProfiles, readProfile, readProfiles } from './read-profiles.ts';
import { shippedProfilesFolder } from './shipped-profiles.ts';

let user = '';
beforeEach(async () => {
  user = await mkdtemp(join(tmpdir(), 'profiles-'));
});
afterEach(() => rm(user, { recursive: true }));

const read = (): Promise<FoundProfiles> => readProfiles({ shipped: shippedProfilesFolder, user });
const write = async (id: string, profile: Partial<Profile> | string, prompt: string | null = 'You help.') => {
  await mkdir(join(user, id), { recursive: true });
  const whole = typeof profile === 'string' ? profile : { id, name: id, description: '', tools: [], ...profile };
  await writeFile(join(user, id, 'profile.json'), typeof whole === 'string' ? whole : JSON.stringify(whole));
  if (prompt !== null) await writeFile(join(user, id, 'system_prompt.txt'), prompt);
};
const idsOf = ({ profiles }: FoundProfiles): string[] => profiles.map(({ profile }) => profile.id);
const shippedIds = ['developer', 'secretary', 'server_admin'];

test('P1: developer, server_admin and secretary ship as folders, and nothing is wrong with them', async () => {
  const found = await read();
  expect([idsOf(found), found.problems]).toEqual([shippedIds, []]);
  expect(found.profiles.every(({ source }) => source === 'shipped')).toBe(true);
});

test('P1: a person adds profiles and overrides shipped ones', async () => {
  await write('poet', { name: 'Poet' });
  await write('developer', { name: 'Mine', approvals: 'always' }, 'My own prompt.');
  const found = await read();
  expect(idsOf(found)).toEqual(['developer', 'poet', 'secretary', 'server_admin']);
  expect(found.profiles[0]).toMatchObject({
    source: 'user',
    systemPrompt: 'My own prompt.',
    profile: { name: 'Mine', approvals: 'always', max_iterations: 100 },
  });
});

test('P1: a place that is not there is no problem', async () => {
  const found = await readProfiles({ shipped: shippedProfilesFolder, user: join(user, 'nowhere') });
  expect([idsOf(found), found.problems]).toEqual([shippedIds, []]);
});

test.each<[string, () => Promise<unknown>, RegExp, RegExp]>([
  ['no JSON', () => write('bad', '{"id":'), /profile\.json$/, /is no JSON/],
  ['a field that nobody knows', () => write('bad', { colour: 'red' } as object), /profile\.json$/, /colour/],
  ['a value out of range', () => write('bad', { temperature: 9 }), /profile\.json$/, /temperature/],
  ['another id than its folder', () => write('bad', { id: 'good' }), /profile\.json$/, /must be the same/],
  [
    'two wrong fields',
    () => write('bad', { token_budget: 5, approvals: 'maybe' } as object),
    /profile\.json$/,
    /^(?=.*\bapprovals: )(?=.*\btoken_budget: too small)[^\n✖]*$/,
  ],
  ['no prompt', () => write('bad', {}, null), /system_prompt\.txt$/, /is missing/],
  ['an empty prompt', () => write('bad', {}, ' \n'), /system_prompt\.txt$/, /is empty/],
  [
    'a prompt that is too large',
    () => write('bad', {}, 'x'.repeat(256 * 1024 + 1)),
    /system_prompt\.txt$/,
    /larger than 256 KiB/,
  ],
  ['no profile.json', () => mkdir(join(user, 'bad')), /profile\.json$/, /is missing/],
  [
    'a link out of its folder',
    async () => {
      await write('bad', {}, null);
      await symlink('/etc/hostname', join(user, 'bad', 'system_prompt.txt'));
    },
    /system_prompt\.txt$/,
    /is a link/,
  ],
  [
    'a folder that is a link',
    async () => {
      await cp(join(shippedProfilesFolder, 'developer'), join(user, '.elsewhere'), { recursive: true });
      await symlink(join(user, '.elsewhere'), join(user, 'bad'));
    },
    /bad\/?$/,
    /is a link/,
  ],
])('P1: a profile with %s is reported by id, file and message, and the rest works', async (_, make, file, message) => {
  await make();
  await write('poet', {});
  const found = await read();
  expect(idsOf(found)).toEqual(['developer', 'poet', 'secretary', 'server_admin']);
  expect(found.problems).toEqual([
    { id: 'bad', file: expect.stringMatching(file) as string, message: expect.stringMatching(message) as string },
  ]);
});

test('P1: a folder whose name cannot be an id is reported, hidden ones and files are not', async () => {
  await mkdir(join(user, 'Not An Id'));
  await mkdir(join(user, '.git'));
  await writeFile(join(user, 'README.md'), '');
  expect((await read()).problems).toMatchObject([{ id: 'Not An Id' }]);
});

test('P1: one profile by its id is the one of the whole list', async () => {
  await write('poet', {});
  await write('developer', { approvals: 'always' });
  await write('secretary', { temperature: 9 });
  await mkdir(join(user, 'Not An Id'));
  const { profiles, problems } = await read();
  const one = (id: string) => readProfile({ shipped: shippedProfilesFolder, user }, id);
  for (const loaded of profiles) expect(one(loaded.profile.id)).toEqual({ kind: 'loaded', loaded });
  expect(one('secretary')).toEqual({ kind: 'problem', problem: problems.find(({ id }) => id === 'secretary') });
  for (const id of ['nobody', 'Not An Id', '.', '../profiles', '']) expect(one(id)).toBeUndefined();
});

test('P1: an override that cannot be used does not fall back to the wider shipped profile', async () => {
  await write('developer', { approvals: 'sometimes' } as unknown as Profile);
  const found = await read();
  expect(idsOf(found)).toEqual(['secretary', 'server_admin']);
  expect(found.problems).toMatchObject([{ id: 'developer' }]);
});

test('P4: every field of a profile is read, and a change works at the next reading', async () => {
  const whole: Profile = {
    id: 'whole',
    name: 'Whole',
    description: 'All of it.',
    tools: ['terminal', 'mcp:files'],
    model: ['ollama/qwen3:8b', 'openai/gpt-5'],
    temperature: 0.5,
    max_iterations: 7,
    token_budget: 50_000,
    node_id: 'nas',
    approvals: 'always',
    sub_agents: { enabled: false, max_depth: 1, max_parallel: 2, timeout_seconds: 60, profiles: ['developer'] },
  };
  await write('whole', whole);
  const find = async (): Promise<Profile | undefined> =>
    (await read()).profiles.find(({ profile }) => profile.id === 'whole')?.profile;
  expect(await find()).toEqual(whole);
  await write('whole', { ...whole, temperature: 1 });
  expect(await find()).toMatchObject({ temperature: 1 });
});

test('P4, L1: a text is looked at once, and a changed one anew', async () => {
  const parse = createProfileParser();
  const find = () => readProfile({ shipped: shippedProfilesFolder, user }, 'poet', parse);
  await write('poet', { temperature: 1 });
  const first = find();
  expect(first).toMatchObject({ kind: 'loaded', loaded: { profile: { temperature: 1 }, systemPrompt: 'You help.' } });
  await write('poet', { temperature: 1 }, 'You rhyme.');
  expect(find()).toMatchObject({ loaded: { profile: { temperature: 1 }, systemPrompt: 'You rhyme.' } });
  await write('poet', { temperature: 0.5 });
  expect(find()).toMatchObject({ loaded: { profile: { temperature: 0.5 } } });
  await write('poet', 'no JSON');
  expect(find()).toMatchObject({ kind: 'problem' });
});

test('P1: profile.json may name its schema, for editors', () => {
  const text = JSON.stringify({ $schema: '../profile.schema.json', id: 'a', name: 'A', description: '', tools: [] });
  expect(parseProfile(text)).toMatchObject({ id: 'a', approvals: 'risky', sub_agents: { max_depth: 2 } });
});

test('P1, P4: the published schema names the fields of a profile', () => {
  const schema = profileJsonSchema();
  expect(Object.keys(schema.properties as object)).toEqual([
    '$schema',
    'id',
    'name',
    'description',
    'tools',
    'model',
    'temperature',
    'max_iterations',
    'token_budget',
    'node_id',
    'approvals',
    'sub_agents',
  ]);
  expect(schema).toMatchObject({ required: ['id', 'name', 'description', 'tools'], additionalProperties: false });
});
