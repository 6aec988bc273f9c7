/** Full-screen and line programs, typed through the page, against a local screen fed with the same bytes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSession, openTerminal, readHistory, until } from '@navisai/testkit';
import type { OpenedTerminal } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { localScreen } from './local-screen.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

const openShell = async (name: string): Promise<OpenedTerminal> => {
  const { api } = place.hub.host;
  const command = `PS1='$ ' LC_ALL=C.UTF-8 exec bash --norc --noprofile`;
  return openTerminal(api, { sessionId: await createSession(api), name, command });
};

/** Both screens after every byte that there is. */
const bothScreens = async (device: WebDevice, terminal: OpenedTerminal): Promise<{ page: string; local: string }> => {
  const { api } = place.hub.host;
  const bytes = await readHistory(api, terminal);
  const { terminals } = await api.session({ params: { id: terminal.sessionId } });
  const { columns = 0, rows = 0 } = terminals[0] ?? {};
  return { page: await device.screen(), local: await localScreen(bytes, { columns, rows }) };
};

const expectSameScreen = async (device: WebDevice, terminal: OpenedTerminal, marker: string): Promise<void> => {
  let last = { page: '', local: '' };
  const isSame = async (): Promise<boolean> => {
    last = await bothScreens(device, terminal);
    return last.page === last.local && last.page.includes(marker);
  };
  await until('both screens are the same', isSame).catch(() => undefined);
  expect(last.page).toBe(last.local);
  expect(last.page).toContain(marker);
};

const startShell = async (name: string): Promise<{ device: WebDevice; terminal: OpenedTerminal }> => {
  const device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  const terminal = await openShell(name);
  await device.openTerminal(terminal);
  await device.page.getByText('You control').waitFor();
  await device.type('clear\n');
  return { device, terminal };
};

test('vim: insert, search, split and leave', async () => {
  const { device, terminal } = await startShell('vim');
  await using _ = device;
  await device.type('vim -u NONE -N\n');
  await until('vim is there', async () => (await device.screen()).includes('~\n'));
  await device.type('ihello from the page\nsecond line\n');
  await device.page.keyboard.press('Escape');
  await device.type(':split\n/second\n');
  await expectSameScreen(device, terminal, 'second line');
  await device.type(':qa!\necho left-vim\n');
  await until('vim is left', async () => (await device.screen()).includes('\nleft-vim'));
});

test('less: pages, search and end of a long file', async () => {
  const { device, terminal } = await startShell('less');
  await using _ = device;
  const folder = join(place.hub.userHome, 'less');
  await mkdir(folder);
  const lines = Array.from({ length: 500 }, (_line, index) => `row ${index + 1} äöü € 日本`);
  await writeFile(join(folder, 'long.txt'), `${lines.join('\n')}\n`);
  await device.type(`less ${join(folder, 'long.txt')}\n`);
  await until('less is there', async () => (await device.screen()).startsWith('row 1 '));
  await device.page.keyboard.press('PageDown');
  await device.type('/row 321\n');
  await expectSameScreen(device, terminal, 'row 321 äöü € 日本');
  await device.type('G');
  await expectSameScreen(device, terminal, 'row 500');
});

test('htop: draws, moves and sorts', async () => {
  const { device, terminal } = await startShell('htop');
  await using _ = device;
  await device.type('htop -d 100\n');
  await until('htop is there', async () => (await device.screen()).includes('F10'));
  await device.page.keyboard.press('ArrowDown');
  await expectSameScreen(device, terminal, 'F10');
});

test('python3: a conversation with the REPL, history by arrow keys', async () => {
  const { device, terminal } = await startShell('python');
  await using _ = device;
  await device.type('python3 -q\n');
  await until('python is there', async () => (await device.screen()).includes('>>>'));
  await device.type('sum(range(101))\n');
  await until('the sum is there', async () => (await device.screen()).includes('5050'));
  await device.page.keyboard.press('ArrowUp');
  await device.type(' + 1\n');
  await expectSameScreen(device, terminal, '5051');
});
