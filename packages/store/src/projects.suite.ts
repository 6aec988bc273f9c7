/** What every adapter must do for projects (I18). */
import type { Project } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const project = (id: string, nodeId: string, path: string): Project => ({
  id,
  nodeId,
  path,
  name: 'one',
  languages: ['Rust'],
  frameworks: [],
  git: null,
  foundAt: at(0),
  checkedAt: at(0),
});

export const testProjects = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: I18: a project is kept once, with when it was found first, and listed by node and path`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const put = (one: Project) => store.transaction(({ projects }) => projects.put(one));
    const first = project('j_0002', 'main', '/b');
    await put(first);
    await put(project('j_0001', 'main', '/a'));
    await put(project('j_0003', 'n_1111', '/a'));
    await put({ ...first, languages: ['Go'], foundAt: at(5), checkedAt: at(5) });
    expect(await store.read.projects.get('j_0002')).toEqual({ ...first, languages: ['Go'], checkedAt: at(5) });
    expect((await store.read.projects.list()).map(({ id }) => id)).toEqual(['j_0001', 'j_0002', 'j_0003']);
    expect((await store.read.projects.list({ nodeId: 'n_1111' })).map(({ id }) => id)).toEqual(['j_0003']);
    await store.transaction(({ nodes }) => nodes.remove('n_1111'));
    expect(await store.read.projects.list({ nodeId: 'n_1111' })).toEqual([]);
    const remove = () => store.transaction(({ projects }) => projects.remove('j_0001'));
    expect((await remove()).result).toBe(true);
    expect((await remove()).result).toBe(false);
    expect(await store.read.projects.get('j_0001')).toBeUndefined();
  });
};
