/** Terminals seen live, by one browser and by several (T17, T20, T22). */
import { createSession, openTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
const shell = 'bash --norc --noprofile';
const slowNetworkMs = 2_500;

const open = async (name: string, command: string) => {
  const { api } = place.hub.host;
  return openTerminal(api, { sessionId: await createSession(api), name, command });
};

test('T17: three lines a second apart are seen as they come, each before the next is asked for', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const command = 'stty -echo; echo ready; for n in 1 2 3; do read go; echo "line $n"; sleep 1; done; sleep 100';
  await device.openTerminal(await open('lines', command));
  await device.page.getByText('You control').waitFor();
  await until('it waits', async () => (await device.screen()) === 'ready');
  for (const lines of ['line 1', 'line 1\nline 2', 'line 1\nline 2\nline 3']) {
    await device.type('\n');
    await until(`"${lines}" is shown, and no more`, async () => (await device.screen()) === `ready\n${lines}`);
  }
});

test('T20: home shows terminals as they open, end and close', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const terminal = await open('brief', 'read line; exit 3');
  const row = device.page.getByRole('main').getByRole('listitem').filter({ hasText: 'brief' });
  await row.getByRole('img', { name: 'Running' }).waitFor();
  const params = { id: terminal.sessionId, tool: 'terminal' };
  const { api } = place.hub.host;
  await api.callTool({ params, body: { action: 'send_input', terminal_name: 'brief', input: '\n' } });
  await row.getByText('Exited 3').waitFor();
  await row.getByRole('button', { name: 'Actions for brief' }).click();
  await device.page.getByRole('menuitem', { name: 'Close terminal' }).click();
  await device.page.getByRole('button', { name: 'Close terminal' }).click();
  await row.waitFor({ state: 'detached' });
});

test('T17: the end of a program is told with its exit code, and it can be run again', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const terminal = await open('build', 'echo built; exit 7');
  await device.goTo(`/terminal/${terminal.id}`);
  await device.page.getByText('Exited 7').first().waitFor();
  await until('the output is shown', async () => (await device.screen()).includes('built'));
  await device.page.getByRole('button', { name: 'Run again' }).click();
  await until('a new terminal is shown', () => !device.page.url().endsWith(terminal.id));
  await device.page.getByText('Exited 7').first().waitFor();
});

test('two browsers on one terminal: both see everything, one drives, control is handed over', async () => {
  const { hub, browser } = place;
  await using laptop = await pairWebDevice(browser, hub, { name: 'Laptop', readsScreen: true });
  const size = { width: 900, height: 600 };
  await using tablet = await pairWebDevice(browser, hub, { name: 'Tablet', readsScreen: true, viewport: size });
  const terminal = await open('shared', shell);
  await laptop.openTerminal(terminal);
  await laptop.page.getByText('You control').waitFor();
  await laptop.type('echo from-laptop\n');
  await tablet.openTerminal(terminal);
  await tablet.page.getByText('Laptop controls').waitFor();
  await until('the tablet sees it', async () => (await tablet.screen()).includes('from-laptop'));
  const before = (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0];

  await tablet.type('x');
  await tablet.page.getByText('Laptop is in control.').waitFor();
  await until('both show the same', async () => (await laptop.screen()) === (await tablet.screen()));
  const during = (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0];
  expect([during?.columns, during?.rows]).toEqual([before?.columns, before?.rows]);

  await tablet.page.getByRole('group', { name: 'Control' }).getByRole('button', { name: 'Take' }).click();
  await laptop.page.getByText('Tablet controls').waitFor();
  await tablet.type('echo from-tablet; tput cols\n');
  await until('both see it', async () => {
    const screens = [await laptop.screen(), await tablet.screen()];
    return screens.every((screen) => screen.includes('\nfrom-tablet\n')) && screens[0] === screens[1];
  });
  await until('the grid is the tablet’s', async () => {
    const { terminals } = await hub.host.api.session({ params: { id: terminal.sessionId } });
    return (terminals[0]?.columns ?? Infinity) < (before?.columns ?? 0);
  });
  await tablet.page.getByRole('button', { name: 'Release' }).click();
  await laptop.page.getByText('Nobody controls').waitFor();
  await laptop.type('echo free\n');
  await until('typing took the free control', async () => (await laptop.screen()).includes('\nfree\n'));
  expect([...laptop.complaints, ...tablet.complaints]).toEqual([]);
});

test('keys typed into a terminal that nobody controls wait for control, also on a slow network', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const { page } = device;
  const network = { held: Promise.resolve() };
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    server.onMessage(async (message) => {
      await network.held;
      socket.send(message);
    });
  });
  await device.openTerminal(await open('slow', shell));
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByText('Nobody controls').waitFor();
  const gate = Promise.withResolvers<void>();
  network.held = gate.promise;
  await device.type('echo late\n');
  await page.waitForTimeout(slowNetworkMs);
  gate.resolve();
  await until('what was typed arrived', async () => (await device.screen()).includes('\nlate'));
});

test('A8: a question of a program is answered once, by the viewer in control', async () => {
  const { hub, browser } = place;
  await using one = await pairWebDevice(browser, hub, { readsScreen: true });
  await using two = await pairWebDevice(browser, hub, { readsScreen: true });
  const terminal = await open('asking', shell);
  await one.openTerminal(terminal);
  await one.page.getByText('You control').waitFor();
  await two.openTerminal(terminal);
  // The first answer may take its time; a second one would follow closely.
  const ask = `IFS= read -rs -t 20 -d n first; IFS= read -rs -t 2 -n 40 second`;
  await one.type(`printf '\\033[5n'; ${ask}; printf 'got %q then %q\\n' "$first" "$second"\n`);
  await until('the answer came', async () => (await one.screen()).includes('\ngot '), 60_000);
  expect(await one.screen()).toContain(String.raw`got $'\E[0' then ''`);
});
