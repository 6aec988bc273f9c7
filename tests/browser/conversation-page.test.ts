/** Conversations on every screen: no fault that axe can find, nothing too wide or too small on a phone; files go in and out. */
import { readFile } from 'node:fs/promises';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { axeFaults } from './axe-faults.fixture.ts';
import { fillConversation } from './pictures/fill-conversation.ts';
import { desktop, pairWebDevice, phone } from './web-device.fixture.ts';

const place = useAgentBrowser();

/** A conversation that shows everything, and one that waits for a decision. */
const fill = async () => {
  const { api } = place.hub.host;
  const { id: full } = await api.createSession({ body: { kind: 'agent', title: 'Everything' } });
  await fillConversation(full).write(place.hub.home);
  const command = 'rm -rf /srv/site/build && touch /srv/site/done';
  place.model.script([{ calls: [{ tool: 'terminal', arguments: { action: 'run', command } }] }]);
  const { id: waiting } = await api.createSession({ body: { kind: 'agent', title: 'Waiting' } });
  await api.sendMessage({ params: { id: waiting }, body: { text: 'clean up' } });
  await until('it is asked', async () => (await api.pendingApprovals()).approvals.length > 0);
  return { full, waiting, end: () => api.stopRun({ params: { id: waiting } }) };
};

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing in conversations and approvals on a ${shape}, in light and dark`, async () => {
    const { full, waiting, end } = await fill();
    const { hub, browser } = place;
    await using device = await pairWebDevice(browser, hub, { ...options, reducedMotion: 'reduce' });
    const { page } = device;
    for (const path of ['/c', `/c/${full}`, `/c/${waiting}`, '/approvals']) {
      await device.goTo(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (path.startsWith('/c/')) await page.locator('[data-key]').first().waitFor();
      else await page.getByRole('main').getByText('Waiting').first().waitFor();
      expect(await axeFaults(device), path).toEqual([]);
    }
    await page.getByRole('button', { name: 'As a rule…' }).first().click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFaults(device), 'rule').toEqual([]);
    await end();
    expect(device.complaints).toEqual([]);
  });

test('W1: on a phone nothing is too wide, fingers find everything, and the composer stays above the keyboard', async () => {
  const { full, waiting, end } = await fill();
  await using device = await pairWebDevice(place.browser, place.hub, phone);
  const { page } = device;
  for (const path of ['/c', `/c/${full}`, `/c/${waiting}`, '/approvals', '/']) {
    await device.goTo(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    if (path.startsWith('/c/')) await page.locator('[data-key]').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a[href], select, input')]
        .filter((one) => one.offsetParent !== null && one.closest('.prose, p, .sr-only, .facts') === null)
        .map((one) => ({ name: one.ariaLabel ?? one.textContent, height: one.getBoundingClientRect().height }))
        .filter(({ height }) => height > 0 && height < 43.5),
    );
    expect(small, path).toEqual([]);
  }
  await end();
  await device.goTo(`/c/${full}`);
  await page.locator('[data-key]').first().waitFor();
  // As a phone does when its keyboard opens.
  await page.setViewportSize({ width: 390, height: 420 });
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten');
  const bottom = await page.getByRole('button', { name: 'Send' }).evaluate((one) => one.getBoundingClientRect().bottom);
  expect(bottom).toBeLessThanOrEqual(420);
  await until('the newest is still in view', () =>
    page.getByRole('log').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 40),
  );
  expect(device.complaints).toEqual([]);
});

test('A3, P5: files are attached and saved again, the conversation is exported, forked and found', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script([{ text: 'A rhinoceros, I think.' }]);
  await device.goTo('/c');
  const buffer = Buffer.from('what the file says');
  await page.locator('input[type=file]').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer });
  await page.getByRole('list', { name: 'Attached files' }).getByText('notes.txt').waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('what animal is it?');
  await page.keyboard.press('Enter');
  await page.getByText('A rhinoceros').first().waitFor();
  expect(place.model.requests[0]?.text).toContain('what the file says');
  const save = async (click: Promise<void>): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent('download'), click]);
    return readFile(await download.path(), 'utf8');
  };
  expect(await save(page.getByRole('button', { name: 'Save notes.txt' }).click())).toBe('what the file says');
  await page.getByRole('button', { name: 'Actions for this conversation' }).click();
  expect(await save(page.getByRole('menuitem', { name: 'Export as Markdown' }).click())).toContain('A rhinoceros');
  const before = page.url();
  await page.getByRole('button', { name: 'Fork', exact: true }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.getByText('A rhinoceros').first().waitFor();
  await device.goTo('/c');
  await page.getByRole('searchbox', { name: 'Search in all conversations' }).fill('rhinoceros');
  await page.locator('a.hit').first().click();
  await page.getByRole('textbox', { name: 'Search in this conversation' }).waitFor();
  await page.getByText('1 of 1').waitFor();
  expect(device.complaints).toEqual([]);
});
