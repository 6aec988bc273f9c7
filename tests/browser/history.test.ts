/** Scrolling back through everything that is retained (T17). */
import { createSession, openTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
const lines = 120_000;
/** Much is printed, and gone through page by page. */
const busyMs = 200_000;
/** Between two looks at the screen, which take longer than the keys. */
const pagesAtOnce = 10;

test('T17: the wheel leads from the live screen through the history to the very first line, and back', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { page } = device;
  const { api } = hub.host;
  const command = `seq -f 'numbered line %g' 1 ${lines}; sleep 1000`;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'long', command });
  await device.openTerminal(terminal);
  await until('the last line is shown', async () => (await device.screen()).includes(`numbered line ${lines}`), busyMs);

  const older = page.getByRole('region', { name: 'Older output' });
  // Page by page to the oldest line of the live screen, then on with the wheel.
  await until(
    'the top of the live screen is reached',
    async () => {
      for (let press = 0; press < pagesAtOnce; press += 1) await page.keyboard.press('Shift+PageUp');
      return (await device.rows())[0]?.includes(`numbered line ${lines - 1_037}`) || older.isVisible();
    },
    busyMs,
  );
  await device.stage.hover();
  await until('the history opens', async () => {
    await page.mouse.wheel(0, -200);
    return older.isVisible();
  });
  await page.keyboard.press('Home');
  await page.getByText('This is where the terminal began').waitFor();
  const rows = older.locator('.xterm-accessibility-tree').first().getByRole('listitem');
  await until('the first line is shown', async () => (await rows.first().textContent())?.trim() === 'numbered line 1');

  await page.getByRole('button', { name: 'Live' }).click();
  await older.waitFor({ state: 'detached' });
  await until('the live screen is back', async () => (await device.screen()).includes(`numbered line ${lines}`));
  expect(device.complaints).toEqual([]);
});

test('T17: older output is searched window by window until the text is found', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { page } = device;
  const { api } = hub.host;
  const command = `echo the-needle; seq -f 'hay %g' 1 ${lines}; sleep 1000`;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'hay', command });
  await device.openTerminal(terminal);
  await until('the needle is far above', async () => (await device.screen()).includes(`hay ${lines}`), busyMs);
  await page.getByRole('button', { name: 'Search in this terminal' }).click();
  await page.getByRole('textbox', { name: 'Search in this terminal' }).fill('the-needle');
  await page.getByText('Not found').waitFor();
  await page.getByRole('button', { name: 'Older output' }).click();
  const older = page.getByRole('region', { name: 'Older output' });
  await until(
    'the window with the needle is shown',
    async () => (await older.getAttribute('data-from')) === '0',
    busyMs,
  );
});
