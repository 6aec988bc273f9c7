/** On a phone: keys above the keyboard, targets for fingers, scrolling by touch. */
import { createSession, openTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice, phone } from './web-device.fixture.ts';

const place = useBrowserHub();
const leastTarget = 44;

const openShell = async (name: string) => {
  const { api } = place.hub.host;
  const command = `PS1='$ ' exec bash --norc --noprofile`;
  return openTerminal(api, { sessionId: await createSession(api), name, command });
};

test('the key bar sends Esc, Tab, Ctrl, arrows and Ctrl-C', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { ...phone, readsScreen: true });
  const { page } = device;
  await device.openTerminal(await openShell('keys'));
  await page.getByRole('group', { name: 'Control' }).getByRole('button', { name: 'Release' }).waitFor();
  const keys = page.getByRole('toolbar', { name: 'Terminal keys' });
  await device.stage.locator('.xterm-screen').first().tap();
  await until('the tap gave the focus', () =>
    device.stage
      .locator('textarea')
      .first()
      .evaluate((area) => area === document.activeElement),
  );
  await page.keyboard.type('cat -v\n');
  for (const name of ['Esc', 'Tab', 'Up', 'Left', 'PgUp, page up'])
    await keys.getByRole('button', { name, exact: true }).click();
  await device.type('\n');
  await until('the keys arrived', async () => /\^\[ +\^\[\[A\^\[\[D\^\[\[5~/.test(await device.screen()));
  await keys.getByRole('button', { name: 'Ctrl', exact: true }).click();
  expect(await keys.getByRole('button', { name: 'Ctrl', exact: true }).getAttribute('aria-pressed')).toBe('true');
  await device.type('d');
  expect(await keys.getByRole('button', { name: 'Ctrl', exact: true }).getAttribute('aria-pressed')).toBe('false');
  await device.type('echo left-cat; sleep 100\n');
  await until('sticky Ctrl made an end of file', async () => (await device.screen()).includes('\nleft-cat'));
  await keys.getByRole('button', { name: 'Control C' }).click();
  await device.type('echo interrupted\n');
  await until('Ctrl-C ended the sleep', async () => (await device.screen()).includes('\ninterrupted'));
  expect(device.complaints).toEqual([]);
});

test('in control the grid fits the phone; without, the text shrinks to the grid', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { ...phone });
  const terminal = await openShell('grid');
  await device.openTerminal(terminal);
  const size = async () => (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0];
  await until('the phone decided the size', async () => ((await size())?.columns ?? 120) < 60);
  await using desk = await pairWebDevice(browser, hub, {});
  await desk.openTerminal(terminal);
  await desk.page.getByRole('group', { name: 'Control' }).getByRole('button', { name: 'Take' }).click();
  await until('the desk decided the size', async () => ((await size())?.columns ?? 0) > 100);
  const box = await until('the whole grid is in the phone', async () => {
    const screen = await device.stage.locator('.xterm-screen').first().boundingBox();
    return screen !== null && screen.width <= (await size().then((info) => (info?.columns ?? 0) * 4))
      ? screen
      : undefined;
  });
  expect(box.width).toBeGreaterThan(300);
});

test('every target is large enough for a finger', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { ...phone });
  const terminal = await openShell('targets');
  for (const path of ['/', '/settings', '/settings/devices', `/terminal/${terminal.id}`]) {
    await device.goTo(path);
    await device.page.getByRole('link').first().waitFor();
    await device.page.waitForLoadState('networkidle');
    const small = await device.page.evaluate((least) => {
      const targets = [...document.querySelectorAll<HTMLElement>('button, a, select, input:not([type=radio])')];
      return targets
        .filter((target) => target.checkVisibility({ checkOpacity: true }) && target.getClientRects().length > 0)
        .map((target) => ({ name: target.ariaLabel ?? target.textContent, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && (box.height < least || box.width < least))
        .map(({ name, box }) => `${name?.trim()}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
    }, leastTarget);
    expect(small, path).toEqual([]);
  }
});

test('a finger scrolls the lines above the screen', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { ...phone, readsScreen: true });
  const terminal = await openShell('scroll');
  await device.openTerminal(terminal);
  await device.page.getByRole('button', { name: 'Release' }).waitFor();
  await device.type('clear; seq 1 200\n');
  await until('the numbers are there', async () => (await device.screen()).includes('\n200'));
  const session = await device.context.newCDPSession(device.page);
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: 180, y }] });
  await touch('touchStart', 250);
  for (let y = 260; y <= 520; y += 20) await touch('touchMove', y);
  await touch('touchEnd');
  await until('older lines are in view', async () => !(await device.screen()).includes('\n200'));
});
