import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, hubStream, openSqliteStore, StoreKeeper } from '@navisai/store';
import { expect, test } from 'vitest';
import { createKnownProjects } from './known-projects.ts';

const project = (nodeId: string, name: string): Project => ({
  id: `j_${nodeId}_${name}`,
  nodeId,
  path: `/srv/${name}`,
  name,
  languages: [],
  frameworks: [],
  git: null,
  foundAt: '2026-11-21T09:00:00.000Z',
  checkedAt: '2026-11-21T09:00:00.000Z',
});

test('I18, L1: projects of a node are read once, and again after one of them has changed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'projects-'));
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'navis.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  const keep = (kept: Project) =>
    feed.transaction(async ({ projects, appendEvents }) => {
      await projects.put(kept);
      const data = { change: 'found' as const, project: kept };
      await appendEvents([{ stream: hubStream, type: 'project.updated', data }]);
    });
  await keep(project('main', 'shop'));
  const projectsOn = createKnownProjects({ keeper, feed });
  const namesOn = async (nodeId: string) => (await projectsOn(nodeId)).map(({ name }) => name).toSorted();
  expect(await namesOn('main')).toEqual(['shop']);
  const [before, other] = [await projectsOn('main'), await projectsOn('n_1')];
  await keep(project('main', 'api'));
  expect(await namesOn('main')).toEqual(['api', 'shop']);
  expect(await projectsOn('main')).not.toBe(before);
  expect(await projectsOn('main')).toBe(await projectsOn('main'));
  expect(await projectsOn('n_1')).toBe(other);
  await rm(folder, { recursive: true });
});
