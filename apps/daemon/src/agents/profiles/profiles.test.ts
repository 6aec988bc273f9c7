import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestHome } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { createProfiles } from './profiles.ts';

const write = async (folder: string, id: string, content: object): Promise<void> => {
  await mkdir(join(folder, id), { recursive: true });
  await writeFile(
    join(folder, id, 'profile.json'),
    JSON.stringify({ id, name: id, description: '', tools: [], ...content }),
  );
  await writeFile(join(folder, id, 'system_prompt.txt'), `You are ${id}.`);
};

test('P4: a changed profile is used from the next time it is asked for', async () => {
  await using place = await createTestHome();
  const folder = join(place.home, 'profiles');
  const profiles = createProfiles({ folder });
  expect((await profiles.get('developer')).profile.approvals).toBe('risky');
  await write(folder, 'developer', { approvals: 'always' });
  expect(await profiles.get('developer')).toMatchObject({
    profile: { approvals: 'always' },
    systemPrompt: 'You are developer.',
  });
  expect((await profiles.describe('developer')).source).toBe('user');
});

test('P1: a profile that cannot be used is named with its file and what is wrong; one that nobody made with those there are', async () => {
  await using place = await createTestHome();
  const folder = join(place.home, 'profiles');
  const profiles = createProfiles({ folder });
  await write(folder, 'bad', { temperature: 'hot' });
  const { profiles: usable, problems } = await profiles.list();
  expect(usable.map(({ id }) => id)).toEqual(['developer', 'secretary', 'server_admin']);
  expect(problems).toMatchObject([{ id: 'bad', file: join(folder, 'bad', 'profile.json') }]);
  await expect(profiles.get('bad')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringMatching(/bad cannot be used: .*profile\.json.*temperature/s) as string,
  });
  await expect(profiles.get('poet')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('developer, secretary, server_admin') as string,
  });
});
