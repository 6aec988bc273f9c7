/** Terminals seen live, by one browser and by several (T17, T20, T22). */
import { createSession, openTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
const shell = 'bash --norc --noprofile';

const open = async (name: string, command: string) => {
  const { api } = place.hub.host;
  return openTerminal(api, { sessionId: await createSession(api), name, command });
};

test('T17: three lines a second apart are seen as they come', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const terminal = await open('lines', 'read start; for n in 1 2 3; do echo "line $n"; sleep 1; done; sleep 100');
  await device.openTerminal(terminal);
  await device.type('\n');
  const seen: { line: number; at: number }[] = [];
  for (const line of [1, 2, 3]) {
    await until(`line ${line} is shown`, async () => (await device.screen()).includes(`line ${line}`));
    seen.push({ line, at: performance.now() });
  }
  const [first, , third] = seen;
  expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(500);
  expect((await device.screen()).trim()).toBe('line 1\nline 2\nline 3');
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
  expect(await laptop.screen()).toBe(await tablet.screen());
  const during = (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0];
  expect([during?.columns, during?.rows]).toEqual([before?.columns, before?.rows]);

  await tablet.page.getByRole('group', { name: 'Control' }).getByRole('button', { name: 'Take' }).click();
  await laptop.page.getByText('Tablet controls').waitFor();
  await tablet.type('echo from-tablet; tput cols\n');
  await until('both see it', async () => {
    const screens = [await laptop.screen(), await tablet.screen()];
    return screens.every((screen) => screen.includes('\nfrom-tablet\n')) && screens[0] === screens[1];
  });
  const after = (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0];
  expect(after?.columns).toBeLessThan(before?.columns ?? 0);
  await tablet.page.getByRole('button', { name: 'Release' }).click();
  await laptop.page.getByText('Nobody controls').waitFor();
  await laptop.type('echo free\n');
  await until('typing took the free control', async () => (await laptop.screen()).includes('\nfree\n'));
  expect([...laptop.complaints, ...tablet.complaints]).toEqual([]);
});

test('A8: a question of a program is answered once, by the viewer in control', async () => {
  const { hub, browser } = place;
  await using one = await pairWebDevice(browser, hub, { readsScreen: true });
  await using two = await pairWebDevice(browser, hub, { readsScreen: true });
  const terminal = await open('asking', shell);
  await one.openTerminal(terminal);
  await one.page.getByText('You control').waitFor();
  await two.openTerminal(terminal);
  await one.type(`printf '\\033[5n'; IFS= read -rs -t 2 -n 40 answer; printf 'got %q\\n' "$answer"\n`);
  await until('the answer came', async () => (await one.screen()).includes('\ngot '));
  expect(await one.screen()).toContain(String.raw`got $'\E[0n'`);
});
