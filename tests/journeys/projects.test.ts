/** Projects on the hub's own machine and on a node: looked for, listed, shown, and forgotten when they are gone (I18). */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiscoveryProgress, Project } from '@navisai/protocol';
import { startHub, startNode, type TestHub, type TestNode } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson } from './cli-process.fixture.ts';

let hub: TestHub;
let web: TestNode;
const cleanUp = new AsyncDisposableStack();
beforeAll(async () => {
  hub = cleanUp.use(await startHub());
  web = cleanUp.use(await startNode(hub, { name: 'web-1', environment: { NAVIS_NODE_PROJECT_ROOTS: '~/srv' } }));
});
afterAll(() => cleanUp.disposeAsync());

const makeRepository = (path: string, files: Record<string, string>): string => {
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=trunk'];
  for (const words of [['init'], ['add', '.'], ['commit', '-m', 'first']])
    execFileSync('git', [...identity, ...words], { cwd: path, stdio: 'ignore' });
  return path;
};

interface Found {
  projects: Project[];
  discovery: DiscoveryProgress[];
}

test('I18: projects of all nodes are found, listed with their branch and changes, and shown with a diff', async () => {
  const shop = makeRepository(join(hub.userHome, 'code/shop'), {
    'package.json': JSON.stringify({ dependencies: { next: '15' } }),
    'page.txt': 'one\n',
  });
  const service = makeRepository(join(web.userHome, 'srv/service'), {
    'go.mod': 'module service',
    'main.go': 'package x',
  });
  makeRepository(join(web.userHome, 'elsewhere'), { 'go.mod': 'module no' });
  appendFileSync(join(shop, 'page.txt'), 'two\n');

  const { projects, discovery } = await cliJson<Found>(hub, ['projects', 'discover']);
  expect(projects.map(({ path }) => path).toSorted()).toEqual([service, shop].toSorted());
  expect(discovery.map(({ state }) => state)).toEqual(['done', 'done']);
  const listed = await cli(hub, ['projects']);
  expect(listed.stdout).toMatch(/^shop +main +trunk +1 changed, \+1 -0 +JavaScript, Next\.js +\//m);
  expect(listed.stdout).toMatch(/^service +web-1 +trunk +none +Go +\//m);
  const shown = await cli(hub, ['projects', 'show', 'shop', '--diff']);
  expect(shown.stdout).toContain('  .M  page.txt');
  expect(shown.stdout).toContain('+two');
  expect((await cli(hub, ['projects', 'show', 'nothing'])).exitCode).toBe(5);
  const onNode = await cliJson<Found>(hub, ['projects', 'list', '--node', 'web-1']);
  expect(onNode.projects.map(({ name }) => name)).toEqual(['service']);
  expect((await cli(hub, ['projects', 'show', 'service'])).stdout).toMatch(/node +web-1/);
});

test('I18: a change is told, and so is a project that is gone', async () => {
  const project = (await cliJson<Found>(hub, ['projects'])).projects.find(({ name }) => name === 'service');
  writeFileSync(join(web.userHome, 'srv/service/new.go'), 'package x');
  const { project: now } = await cliJson<{ project: Project }>(hub, ['projects', 'show', 'service']);
  expect(now).toMatchObject({ id: project?.id, foundAt: project?.foundAt, git: { untracked: 1 } });
  rmSync(join(web.userHome, 'srv/service'), { recursive: true });
  const { projects } = await cliJson<Found>(hub, ['projects', 'discover', '--node', 'web-1']);
  expect(projects).toEqual([]);
  const { events } = await hub.host.api.hubEvents({ query: {} });
  const told = events.flatMap((event) => (event.type === 'project.updated' ? [event.data] : []));
  const ofService = told.filter((data) => (data as { project: Project }).project.name === 'service');
  expect(ofService.map((data) => (data as { change: string }).change)).toEqual(['found', 'changed', 'removed']);
  expect((await cli(hub, ['projects', 'discover', '--node', 'nowhere'])).exitCode).toBe(5);
});
