/** What is so right now in the prompt that is really sent: the person's time, the project of the directory (P3). */
import type { Profile, Project } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { Actor } from '../agents.types.ts';
import { createPrompts, type PromptsParts } from './prompts.ts';

const project = (path: string, branch: string | null): Project => ({
  id: 'j_0001',
  nodeId: 'main',
  path,
  name: path.split('/').at(-1) ?? path,
  languages: [],
  frameworks: [],
  // Of Git only the branch is told.
  git: branch === null ? null : ({ branch } as Project['git']),
  foundAt: '2026-11-21T09:00:00.000Z',
  checkedAt: '2026-11-21T09:00:00.000Z',
});

const profile: Pick<Profile, 'id' | 'tools'> = { id: 'developer', tools: ['terminal'] };

const promptIn = (directory: string | null, known: readonly Project[]): Promise<string> => {
  const parts = {
    profiles: { get: () => Promise.resolve({ profile, systemPrompt: 'You help.' }) },
    registry: { page: () => ({ records: [] }), find: () => undefined },
    keeper: { store: { read: { projects: { list: () => Promise.resolve(known) } } }, onReplaced: () => undefined },
    feed: { listen: () => undefined },
    now: () => Date.parse('2026-11-21T14:30:00Z'),
    timeZone: 'Europe/Berlin',
  } as unknown as PromptsParts;
  const actor = { profile, nodeId: null, directory, depth: 0 } as unknown as Actor;
  return createPrompts(parts).systemPrompt(actor, []);
};

test('P3: the date is told in the time zone of the person', async () => {
  expect(await promptIn(null, [])).toContain('Saturday, 2026-11-21 15:30 (Europe/Berlin)');
});

test('P3, I18: the innermost project that holds the directory is told, and no other', async () => {
  const known = [project('/srv/shop', 'main'), project('/srv/shop/api', null), project('/srv/shop-old', 'old')];
  expect(await promptIn('/srv/shop/web', known)).toContain('Project: shop in `/srv/shop`, git branch `main` when');
  expect(await promptIn('/srv/shop/api', known)).toContain('Project: api in `/srv/shop/api`.');
  expect(await promptIn('/srv', known)).not.toContain('Project:');
  expect(await promptIn(null, known)).not.toContain('Project:');
});
