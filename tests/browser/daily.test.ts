/** What people do every day: sessions, new terminals, copy and paste, settings, links that lead nowhere. */
import { createSession, openTerminal, readHistory, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

const openShell = async (device: WebDevice, name: string) => {
  const { api } = place.hub.host;
  const command = `PS1='$ ' exec bash --norc --noprofile`;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name, command });
  await device.openTerminal(terminal);
  await device.page.getByText('You control').waitFor();
  return terminal;
};

test('T20: a session is made, named, filled with a command in a directory, renamed and closed', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { page } = device;
  const main = page.getByRole('main');
  await main.getByRole('button', { name: 'New session' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Website');
  await page.getByRole('button', { name: 'Create session' }).click();
  await main.getByRole('heading', { name: 'Website' }).waitFor();

  await main.getByRole('button', { name: 'New terminal in Website' }).click();
  await page.getByText('A command').click();
  await page.getByRole('textbox', { name: 'Command' }).fill('pwd; exec sleep 1000');
  await page.getByRole('textbox', { name: 'Name' }).fill('not a name');
  await page.getByRole('textbox', { name: 'Directory' }).fill('/usr/share');
  await page.getByRole('button', { name: 'Open terminal' }).click();
  await page.getByText('Use 1 to 64 letters').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('where');
  await page.getByRole('button', { name: 'Open terminal' }).click();
  await until('it runs there', async () => (await device.screen()).startsWith('/usr/share'));

  await device.goTo('/');
  await main.getByRole('button', { name: 'Actions for session Website' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Shop');
  await page.getByRole('button', { name: 'Rename' }).click();
  await main.getByRole('heading', { name: 'Shop' }).waitFor();
  await main.getByRole('button', { name: 'Actions for session Shop' }).click();
  await page.getByRole('menuitem', { name: 'Close session' }).click();
  await page.getByText('has 1 running').waitFor();
  await page.getByRole('button', { name: 'Close session' }).click();
  await main.getByRole('heading', { name: 'Shop' }).waitFor({ state: 'detached' });
  expect(device.complaints).toEqual([]);
});

test('T5: a directory that cannot be used is told in the words of the hub, and nothing is opened', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  const { page } = device;
  await page
    .getByRole('button', { name: 'Open a terminal' })
    .or(page.getByRole('button', { name: 'New terminal', exact: true }))
    .first()
    .click();
  await page.getByRole('textbox', { name: 'Directory' }).fill('/no/such/place');
  await page.getByRole('button', { name: 'Open terminal', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: '/no/such/place' }).waitFor();
});

test('T22: several lines are pasted as one into a shell that knows pastes, and asked about elsewhere', async () => {
  const { hub, browser } = place;
  const permissions = ['clipboard-read', 'clipboard-write'];
  await using device = await pairWebDevice(browser, hub, { readsScreen: true, permissions });
  const { page } = device;
  await openShell(device, 'paste');
  const paste = async (text: string) => {
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await page.getByRole('button', { name: 'Actions for this terminal' }).click();
    await page.getByRole('menuitem', { name: 'Paste' }).click();
  };
  await paste('echo one\necho two');
  await until('both lines wait at the prompt', async () => (await device.screen()).includes('$ echo one\necho two'));
  await device.type('\n');
  await until('both ran', async () => (await device.screen()).includes('\none\ntwo\n'));

  await device.type('cat\n');
  await paste('three\u001b[201~\nfour');
  await page.getByRole('dialog', { name: 'Paste 2 lines?' }).waitFor();
  await page.getByRole('button', { name: 'Paste', exact: true }).click();
  await until('cat got them, without the escape', async () => (await device.screen()).includes('\nthree[201~\n'));
});

test('T22: what is selected is copied, by key and by button', async () => {
  const { hub, browser } = place;
  const permissions = ['clipboard-read', 'clipboard-write'];
  await using device = await pairWebDevice(browser, hub, { permissions });
  const { page } = device;
  const terminal = await openShell(device, 'copy');
  await device.type('clear; echo copy-me-please\n');
  await until('it is there', async () => {
    const bytes = await readHistory(hub.host.api, terminal);
    return /[^ ]copy-me-please\r/.test(bytes.toString()) && (await device.offset()) === bytes.length;
  });
  const box = await device.stage.locator('.xterm-screen').first().boundingBox();
  if (box === null) throw new Error('there is no screen');
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  for (const press of [
    () => page.keyboard.press('Control+Shift+C'),
    () => page.getByRole('button', { name: 'Copy', exact: true }).click(),
  ]) {
    await page.evaluate(() => navigator.clipboard.writeText('nothing'));
    await until('a word is selected', async () => {
      await page.mouse.dblclick(box.x + 20, box.y + 8);
      return page.getByRole('button', { name: 'Copy', exact: true }).isVisible();
    });
    await press();
    await until('it is copied', async () => (await copied()).includes('copy'));
  }
});

test('settings hold across reloads: theme, size of text, key bar', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { colorScheme: 'light' });
  const { page } = device;
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await device.goTo('/settings');
  const light = await ground();
  await page.getByText('Dark', { exact: true }).click();
  await until('the page is dark', async () => (await ground()) !== light);
  await page.getByRole('button', { name: 'Larger text' }).click();
  await page.getByText('15 px').waitFor();
  await page.getByText('Always', { exact: true }).click();
  await page.reload();
  expect(await ground()).not.toBe(light);
  await page.getByText('15 px').waitFor();
  await openShell(device, 'settings');
  await page.getByRole('toolbar', { name: 'Terminal keys' }).waitFor();
});

test('an address that leads nowhere, or to a closed terminal, says so', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  await device.goTo('/nowhere/at/all');
  await device.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await device.goTo('/terminal/t_00000000');
  await device.page.getByRole('heading', { name: 'This terminal is closed' }).waitFor();
});
