/** The hub dies in the middle of a full-screen program; the page goes on as if nothing had happened (T17, T18). */
import { createSession, openTerminal, readHistory, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { localScreen } from './local-screen.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

test('T18: kill -9 of the hub inside vim: the page says so, reconnects by itself, and shows the identical screen', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { api } = hub.host;
  const terminal = await openTerminal(api, {
    sessionId: await createSession(api),
    name: 'vim',
    command: 'vim -u NONE -N',
  });
  await device.openTerminal(terminal);
  await device.page.getByText('You control').waitFor();
  await until('vim is there', async () => (await device.screen()).includes('~\n'));
  await device.type('ibefore the crash');
  let before = '';
  await until(
    () => `typed, but the screen is:\n${before}`,
    async () => (before = await device.screen()).includes('before the crash'),
  );
  const { pid } = terminal;

  await hub.kill();
  await device.page.getByText(/Reconnecting since/).waitFor();
  await device.page.getByText('This screen is from before.').waitFor();
  expect(await device.screen()).toBe(before);
  await hub.start();
  await until('live again', async () => (await device.stage.getAttribute('data-phase')) === 'live');
  await device.page.getByText('You control').waitFor();
  await expect.poll(() => device.screen()).toBe(before);

  await device.type(' and after it');
  await until('goes on', async () => (await device.screen()).includes('before the crash and after it'));
  const { terminals } = await api.session({ params: { id: terminal.sessionId } });
  expect(terminals[0]?.pid).toBe(pid);
  const { columns = 0, rows = 0 } = terminals[0] ?? {};
  let page = { screen: '', offset: 0 };
  let local = page;
  await until(
    () => `the screens are the same, but:\n${page.offset} ${page.screen}\n${local.offset} ${local.screen}`,
    async () => {
      const bytes = await readHistory(api, terminal);
      local = { screen: await localScreen(bytes, { columns, rows }), offset: bytes.length };
      page = { screen: await device.screen(), offset: await device.offset() };
      return page.screen === local.screen && page.offset === local.offset;
    },
  );
  expect(device.complaints).toEqual([]);
});

test('T17: output that came while the hub was away is neither lost nor doubled', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { api } = hub.host;
  const command = 'n=0; while [ $n -lt 400 ]; do n=$((n+1)); echo "tick $n"; sleep 0.02; done; sleep 100';
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'ticks', command });
  await device.openTerminal(terminal);
  await until('it ticks', async () => (await device.screen()).includes('tick 40'));
  await hub.kill();
  await hub.start();
  await until('the last tick is shown', async () => (await device.screen()).includes('tick 400'), 60_000);
  const bytes = await readHistory(api, terminal);
  await expect.poll(() => device.offset()).toBe(bytes.length);
  await device.page.getByRole('button', { name: 'Actions for this terminal' }).click();
  await device.page.getByRole('menuitem', { name: 'Select text' }).click();
  const text = await device.page.getByLabel('Text of the terminal').textContent();
  const expected = Array.from({ length: 400 }, (_, index) => `tick ${index + 1}`).join('\n');
  expect(text?.trim()).toBe(expected);
});
