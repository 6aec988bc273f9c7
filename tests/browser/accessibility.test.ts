/** No page has a fault that axe can find, in light and dark, on phone and desktop; the keyboard reaches everything. */
import { createSession, openTerminal, readHistory, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { axeFaults } from './axe-faults.fixture.ts';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { desktop, openWebDevice, pairWebDevice, phone } from './web-device.fixture.ts';

const place = useBrowserHub();

const openBrief = async (name: string, command: string) => {
  const { api } = place.hub.host;
  return openTerminal(api, { sessionId: await createSession(api), name, command });
};

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing on a ${shape}, in light and dark`, async () => {
    const { hub, browser } = place;
    await using stranger = await openWebDevice(browser, hub, options);
    await stranger.goTo('/');
    await stranger.page.getByRole('heading', { name: /not paired/ }).waitFor();
    expect(await axeFaults(stranger)).toEqual([]);
    await using device = await pairWebDevice(browser, hub, { ...options, reducedMotion: 'reduce' });
    const { page } = device;
    const terminals = [await openBrief('running', 'sleep 1000'), await openBrief('ended', 'exit 3')];
    for (const path of ['/', '/fleet', '/settings', '/settings/devices']) {
      await device.goTo(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await device.connection('Connected').first().waitFor();
      expect(await axeFaults(device), path).toEqual([]);
    }
    for (const { id, name } of terminals) {
      await device.goTo(`/terminal/${id}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await until('the screen is drawn', async () =>
        ['live', 'exited'].includes((await device.stage.getAttribute('data-phase')) ?? ''),
      );
      expect(await axeFaults(device), name).toEqual([]);
    }
    await device.goTo('/');
    await page
      .getByRole('button', { name: /^New terminal/ })
      .last()
      .click();
    await page.getByRole('dialog', { name: 'New terminal' }).waitFor();
    expect(await axeFaults(device), 'new terminal').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Jump to' }).waitFor();
    expect(await axeFaults(device), 'palette').toEqual([]);
  });

test('a terminal is opened, driven and left by keyboard alone', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const { keyboard } = device.page;
  await openBrief('by-keyboard', `PS1='$ ' exec bash --norc --noprofile`);
  await device.page.getByText('by-keyboard').first().waitFor();
  await keyboard.press('Control+k');
  await keyboard.type('by-key');
  await keyboard.press('Enter');
  await device.page.getByText('You control').waitFor();
  await keyboard.type('echo typed\n');
  await until('the terminal had the focus', async () => (await device.screen()).includes('\ntyped'));
  await keyboard.press('Control+Shift+K');
  await device.page.getByRole('dialog', { name: 'Jump to' }).waitFor();
  await keyboard.type('overview');
  await keyboard.press('Enter');
  await device.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
});

test('what is typed while the palette still loads is meant for the palette, and never reaches the shell', async () => {
  const options = { readsScreen: true, serviceWorkers: 'block' as const };
  await using device = await pairWebDevice(place.browser, place.hub, options);
  const { keyboard } = device.page;
  const terminal = await openBrief('typed-ahead', `PS1='$ ' exec bash --norc --noprofile`);
  await device.openTerminal(terminal);
  await device.type('echo before\n');
  await until('the shell answers', async () => (await device.screen()).includes('\nbefore'));
  const gate = Promise.withResolvers<void>();
  await device.context.route('**/*.js', async (route) => {
    await gate.promise;
    await route.continue();
  });
  await keyboard.press('Control+Shift+K');
  await keyboard.type('nodxx');
  await keyboard.press('Backspace');
  await keyboard.press('Backspace');
  await keyboard.type('es\n');
  gate.resolve();
  await device.page.getByRole('heading', { name: 'Nodes', level: 1 }).waitFor();
  await device.openTerminal(terminal);
  await device.type('echo after\n');
  await until('the shell answers again', async () => (await device.screen()).includes('\nafter'));
  const typed = (await readHistory(place.hub.host.api, terminal)).toString();
  expect(typed).not.toContain('nod');
});
