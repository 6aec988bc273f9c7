/** The story of agents: a person on a phone, an agent on a node, an approval on another device, and a hub that is killed (A1-A3, N5, N7, N12, T18, T30). */
import { join } from 'node:path';
import { startNode, until } from '@navisai/testkit';
import type { ModelTurn } from '@navisai/testkit';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { Shop } from './story.fixture.ts';
import { pairWebDevice, phone } from './web-device.fixture.ts';

const place = useAgentBrowser();

const steps = ['Start the dev server on the NAS', 'Fix the greeting', 'Deploy to production'];
const plan = (done: number) => ({
  tool: 'plan',
  arguments: {
    entries: steps.map((content, at) => ({
      content,
      status: at < done ? 'completed' : at === done ? 'in_progress' : 'pending',
    })),
  },
});
const risky = 'rm -rf old-release && ./deploy production';
const farewell = 'The greeting is **fixed and deployed**; the dev server goes on in the terminal `dev-server`.';

/** What the agent does, one answer of its model after the other. */
const script = (directory: string): ModelTurn[] => {
  const there = { node_id: 'nas', working_dir: directory };
  const server = {
    ...there,
    action: 'open',
    terminal_name: 'dev-server',
    description: 'Local dev server of the shop',
    command: './dev-server.mjs',
    background: true,
    wait_for: { pattern: 'ready on', timeout: 30 },
  };
  const edit = {
    action: 'edit',
    node_id: 'nas',
    path: `${directory}/page.txt`,
    edits: [{ find: 'wrold', replace: 'world' }],
  };
  return [
    { thinking: 'First a plan, then the server.', text: 'I begin with a plan.', calls: [plan(0)] },
    { calls: [{ tool: 'terminal', arguments: server }] },
    { text: 'The server is ready. Now the typing error.', calls: [{ tool: 'filesystem', arguments: edit }] },
    { calls: [plan(2)] },
    {
      text: 'This is the risky step.',
      calls: [{ tool: 'terminal', arguments: { ...there, action: 'run', command: risky, timeout: 120 } }],
    },
    { calls: [plan(3)] },
    { text: farewell },
  ];
};

const asked = (page: Page) => page.getByRole('article', { name: 'Approval request' });
const approve = async (page: Page, text: string): Promise<void> => {
  const request = asked(page).filter({ hasText: text });
  await request.getByRole('button', { name: 'Approve once' }).click();
  await request.waitFor({ state: 'detached' });
};

const devServer = async () => {
  const { sessions } = await place.hub.host.api.sessions();
  const terminals = sessions.flatMap((session) => session.terminals);
  expect(terminals.map(({ name }) => name)).toEqual(['dev-server']);
  const { id, nodeId, pid, status } = terminals[0] ?? { id: '', nodeId: '', pid: 0, status: '' };
  return { id, nodeId, pid, status };
};

/** What stands on the page from its beginning to its end, each row once. */
const readAll = async (page: Page): Promise<string[]> => {
  const list = page.getByRole('log');
  // Which rows are drawn follows the scrolling a frame later.
  const scrollTo = (share: number): Promise<boolean> =>
    list.evaluate(async (box, by) => {
      const before = box.scrollTop;
      box.scrollTop = by === 0 ? 0 : before + box.clientHeight * by;
      const hasMoved = box.scrollTop !== before;
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
      return hasMoved;
    }, share);
  await scrollTo(0);
  const rows = new Map<string, string>();
  do {
    const drawn = await page
      .locator('.row[data-key]')
      .evaluateAll((all) => all.map((row) => [row.getAttribute('data-key'), (row as HTMLElement).innerText] as const));
    for (const [key, text] of drawn) if (key !== null) rows.set(key, text.replaceAll(/\s+/g, ' ').trim());
  } while (await scrollTo(1 / 2));
  return [...rows.values()];
};

const withoutTimes = (row: string): string =>
  row
    .replaceAll(/ ?\d[\d.]* (ms|s|min)\b/g, '')
    .replaceAll(/ ?\b\d{1,2}:\d{2}( [AP]M)?/g, '')
    .trim();

/** All that was said and done, in order, each once. */
const conversation = (wish: string, file: string): unknown[] => {
  const planned = steps.join(' ');
  // Both were gone on from: neither asks for anything any more.
  const interrupted = 'Interrupted here, then continued';
  return [
    wish,
    'Thought',
    'I begin with a plan.',
    'Update the plan',
    `Plan · 2 of 3 ${planned}`,
    'Open dev-server ./dev-server.mjs nas',
    'The server is ready. Now the typing error.',
    `Edit ${file} nas`,
    'Update the plan',
    'This is the risky step.',
    `Run ${risky} nas`,
    interrupted,
    interrupted,
    'Update the plan',
    `Plan · 3 of 3 ${planned}`,
    farewell.replaceAll(/[*`]/g, ''),
    expect.stringContaining('tokens') as unknown,
  ];
};

/** For whoever wants to look: the folder of `NAVIS_TEST_PICTURES` gets the page as it is now, light and dark. */
const picture = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['NAVIS_TEST_PICTURES'];
  if (folder === undefined) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: null });
};

test('the story: planned, served, edited, approved on another device, killed twice, finished, each thing done once', async () => {
  await using node = await startNode(place.hub, { name: 'nas' });
  const shop = await Shop.make(node.userHome);
  await using mobile = await pairWebDevice(place.browser, place.hub, { ...phone, name: 'phone' });
  await using desk = await pairWebDevice(place.browser, place.hub, { name: 'desk' });
  const { page } = mobile;
  place.model.script(script(shop.directory));

  await mobile.goTo('/c');
  const wish = 'Start the shop on the NAS, fix the typing error in the greeting and deploy it';
  await page.getByRole('textbox', { name: 'Message' }).fill(wish);
  await picture(page, '1-begin');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(/\/c\/s_/);

  await asked(page).filter({ hasText: './dev-server.mjs' }).waitFor();
  await page
    .getByRole('log')
    .getByText(steps[0] ?? '')
    .waitFor();
  await picture(page, '2-plan-and-server');
  await approve(page, './dev-server.mjs');
  await asked(page).filter({ hasText: 'page.txt' }).waitFor();
  const opened = await devServer();
  expect(opened).toMatchObject({ nodeId: node.id, status: 'busy' });
  await picture(page, '3-edit');
  await approve(page, 'page.txt');

  await asked(page).filter({ hasText: risky }).waitFor();
  expect(await asked(page).getByRole('group', { name: 'The text that runs' }).innerText()).toBe(risky);
  await picture(page, '4-risky');
  expect(await shop.read('deployments')).toBeUndefined();
  await place.hub.kill();
  await page.getByRole('button', { name: 'Try now' }).waitFor();
  await picture(page, '5-hub-gone');
  await place.hub.start();

  await desk.goTo('/approvals');
  await asked(desk.page).getByText('deploy production').first().waitFor();
  await asked(page).filter({ hasText: risky }).waitFor();
  await approve(desk.page, risky);
  await asked(page).waitFor({ state: 'detached' });
  await until('the deployment runs', async () => (await shop.lines('deployments')).length > 0);
  const deploying = page.getByRole('group', { name: `Run ${risky}` });
  await until('the page shows that it runs', async () => (await deploying.getAttribute('data-state')) === 'running');
  await picture(page, '6-deploys');

  await place.hub.kill();
  await shop.letDeploymentEnd();
  await place.hub.start();
  await picture(page, '7-interrupted');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('article', { name: 'Answer' }).getByText('fixed and deployed').waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
  await picture(page, '8-finished');

  expect(await shop.server()).toEqual({ starts: 1, page: 'Hello, world!\nWelcome to the shop.\n' });
  expect(await devServer()).toEqual(opened);
  expect(() => process.kill(opened.pid, 0)).not.toThrow();
  expect(await shop.lines('deployments')).toEqual(['production']);
  expect(await shop.read('old-release/index.txt')).toBeUndefined();
  expect(place.model.requests).toHaveLength(7);

  const told = await readAll(page);
  await page.reload();
  await page.getByRole('article', { name: 'Answer' }).getByText('fixed and deployed').waitFor();
  expect(await readAll(page)).toEqual(told);
  expect(told.map(withoutTimes)).toEqual(conversation(wish, shop.path('page.txt')));
  expect([...mobile.complaints, ...desk.complaints]).toEqual([]);
});
