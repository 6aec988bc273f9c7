/** The pages of projects: found on nodes, shown with their changes, and worked in from there (I18). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@navisai/testkit';
import { beforeAll, expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { axeFaults } from './axe-faults.fixture.ts';
import { desktop, pairWebDevice, phone } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useAgentBrowser();
const environment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

const folderOf = () => join(place.hub.userHome, 'website');
const git = (...words: string[]) =>
  execFileSync('git', words, { cwd: folderOf(), env: { ...process.env, ...environment } });

/** A repository with one changed, one new and one file that is as it was. */
beforeAll(() => {
  const folder = folderOf();
  mkdirSync(join(folder, 'src'), { recursive: true });
  git('init', '-q', '-b', 'trunk');
  writeFileSync(join(folder, 'package.json'), '{ "name": "website" }\n');
  writeFileSync(join(folder, 'src/port.ts'), 'export const host = "a";\nexport const port = 80;\n');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  writeFileSync(join(folder, 'src/port.ts'), 'export const host = "a";\nexport const port = 443;\n');
  writeFileSync(join(folder, 'notes.md'), 'new\n');
});

const find = async (device: WebDevice) => {
  await device.goTo('/p');
  const row = device.page.locator('li[data-project="website"]');
  await row.waitFor();
  return row;
};

test('I18: a project is found with its branch and changes, and its diff is shown with colours', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const row = await find(device);
  await row.getByText('trunk').waitFor();
  await row.getByText(/1 changed, 1 new/).waitFor();
  await row.getByRole('link').click();
  await page.getByRole('heading', { name: 'website', level: 1 }).waitFor();
  const files = page.getByRole('list', { name: 'Changed files' });
  await files.getByRole('button', { name: 'src/port.ts changed +1 −1' }).waitFor();
  await files
    .getByRole('listitem')
    .filter({ hasText: /^\s*notes\.md\s+new\s*$/ })
    .waitFor();
  const diff = page.getByRole('region', { name: 'Changes of src/port.ts' });
  await diff.getByText('export const port = 443;').waitFor();
  await diff.locator('.hljs-keyword').first().waitFor();
  await page.getByRole('button', { name: /src\/port\.ts/ }).click();
  await diff.waitFor({ state: 'detached' });
  expect(device.complaints).toEqual([]);
});

test('I18: a conversation and a terminal begin in the directory of the project', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await (await find(device)).getByRole('link').click();
  await page.getByRole('button', { name: 'New conversation here' }).click();
  await page.waitForURL(/\/c\/s_/);
  const id = page.url().split('/').at(-1) ?? '';
  const session = await place.hub.host.api.session({ params: { id } });
  expect(session.agent?.directory).toMatch(/\/website$/);
  await (await find(device)).getByRole('link').click();
  await page.getByRole('button', { name: 'New terminal here' }).click();
  await page.waitForURL(/\/terminal\//);
  const opened = page.url().split('/').at(-1);
  const terminal = await until('the terminal is listed', async () => {
    const { sessions } = await place.hub.host.api.sessions({ query: {} });
    return sessions.flatMap(({ terminals }) => terminals).find((one) => one.id === opened);
  });
  expect(terminal.workingDirectory).toMatch(/\/website$/);
});

test('I18: an open project is as it is now when somebody comes back to it, and is asked for again where that failed', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { serviceWorkers: 'block' });
  const { page } = device;
  await (await find(device)).getByRole('link').click();
  const branch = page.getByRole('main').locator('.chip').first();
  await expect.poll(() => branch.textContent()).toContain('trunk');
  const comeBack = () => page.evaluate(() => dispatchEvent(new Event('focus')));
  git('switch', '-q', '-c', 'sketch');
  await comeBack();
  await expect.poll(() => branch.textContent()).toContain('sketch');
  await page.route(/\/projects\/\w+/, (route) => route.abort('connectionreset'));
  await comeBack();
  await page.getByRole('main').getByRole('alert').waitFor();
  git('switch', '-q', 'trunk');
  expect(await branch.textContent()).toContain('sketch');
  await page.unroute(/\/projects\/\w+/);
  await page.getByRole('button', { name: 'Ask again' }).click();
  await expect.poll(() => branch.textContent()).toContain('trunk');
  await page.getByRole('main').getByRole('alert').waitFor({ state: 'detached' });
});

test('I18: a project that is not known is told kindly', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { scope: 'viewer' });
  await device.goTo('/p/j_0000');
  await device.page.getByRole('alert').waitFor();
  await device.page.getByRole('link', { name: 'All projects' }).click();
  await device.page.locator('li[data-project="website"]').waitFor();
  expect(await device.page.getByRole('button', { name: 'Look again' }).count()).toBe(0);
});

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing on the pages of projects, on a ${shape}, in light and dark`, async () => {
    await using device = await pairWebDevice(place.browser, place.hub, { ...options, reducedMotion: 'reduce' });
    const row = await find(device);
    expect(await axeFaults(device), 'list').toEqual([]);
    await row.getByRole('link').click();
    await device.page.locator('.hljs-keyword').first().waitFor();
    expect(await axeFaults(device), 'project').toEqual([]);
  });
