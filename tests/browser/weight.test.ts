/** How much the page loads, and how it bears a flood (W1, A1, T17). */
import { createSession, openTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { openWebDevice, pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
const maxScriptBytes = 80 * 1024;
/** How fast a flood passes is the benchmark's to judge. */
const floodMs = 240_000;

/** Compressed bytes of scripts as they came over the wire. */
const countScripts = async (device: WebDevice): Promise<() => number> => {
  const session = await device.context.newCDPSession(device.page);
  const scripts = new Map<string, number>();
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  session.on('Network.responseReceived', ({ type, requestId }) => {
    if (type === 'Script') scripts.set(requestId, 0);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) scripts.set(requestId, encodedDataLength);
  });
  return () => [...scripts.values()].reduce((sum, bytes) => sum + bytes, 0);
};

test('W1: the scripts before the first screen stay below 80 KB', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub, { serviceWorkers: 'block' });
  const scriptBytes = await countScripts(device);
  await device.goTo('/');
  await device.page.getByRole('heading', { name: 'This browser is not paired yet' }).waitFor();
  expect(scriptBytes()).toBeGreaterThan(10_000);
  expect(scriptBytes()).toBeLessThan(maxScriptBytes);
});

test('W1: so do those of the home page, and the terminal itself loads only where one is shown', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { serviceWorkers: 'block' });
  const scriptBytes = await countScripts(device);
  await device.page.reload();
  await device.page.getByRole('heading', { name: 'No terminals yet' }).waitFor();
  expect(scriptBytes()).toBeLessThan(maxScriptBytes);
});

test('T17: a flood of 100 MB leaves the page responsive, and its end is the true end', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { readsScreen: true });
  const { api } = hub.host;
  const shell = `PS1='$ ' exec bash --norc --noprofile`;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'flood', command: shell });
  await device.openTerminal(terminal);
  await device.page.getByText('You control').waitFor();
  await device.type('yes 0123456789012345678901234567890123456789 | head -c 100000000; echo; echo the-end\n');
  await until('the flood has begun', async () => (await device.offset()) > 1_000_000, floodMs);
  await device.page.getByRole('button', { name: 'Actions for this terminal' }).click();
  await device.page.getByRole('menuitem', { name: 'Select text' }).waitFor();
  expect(await device.offset(), 'the flood goes on meanwhile').toBeLessThan(100_000_000);
  await device.page.keyboard.press('Escape');
  await until('the end is shown', async () => (await device.screen()).includes('\nthe-end\n'), floodMs);
  const { terminals } = await api.session({ params: { id: terminal.sessionId } });
  await until('every byte is accounted for', async () => (await device.offset()) === terminals[0]?.endOffset);
  expect(device.complaints).toEqual([]);
});

test('A1: a terminal with a long history is shown without it', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  let received = 0;
  device.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (received += payload.length)));
  const { api } = hub.host;
  const command = `yes 'a line of some length that fills the log' | head -c 50000000; exec sleep 1000`;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'long', command });
  await until(
    'the log is full',
    async () => {
      const { terminals } = await api.session({ params: { id: terminal.sessionId } });
      return (terminals[0]?.endOffset ?? 0) > 50_000_000;
    },
    floodMs,
  );
  await device.goTo('/');
  await device.page.getByRole('main').getByText('long', { exact: true }).waitFor();
  await device.page.getByRole('main').getByText('long', { exact: true }).click();
  await until('the screen is there', async () => (await device.offset()) > 50_000_000);
  expect(received).toBeGreaterThan(1_000);
  expect(received).toBeLessThan(1_000_000);
});
