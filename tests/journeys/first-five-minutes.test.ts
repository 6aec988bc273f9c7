/** The first five minutes as the README tells them, with its own commands, in a throw-away HOME and a real browser (issue 2). */
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestHome, startModelServer, findMarked, type TestHome, until } from '@navisai/testkit';
import { chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { findPrerequisites } from '../../scripts/check/prerequisites.ts';
import { TerminalWindow } from './cli-process.fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const browser = findPrerequisites();
const startDeadlineMs = 120_000;

/** Every command of the chapter, in its order. */
const readmeCommands = (): string[] => {
  const chapter =
    /\n## The first five minutes\n(.*?)\n## /s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
  const inBlocks = /^ *(npm|npx) .*$/gm;
  const inWords = /`((?:npm|npx) [^`]+)`/g;
  const found = [
    ...chapter.matchAll(inBlocks).map(({ index, 0: text }) => ({ index, text: text.trim() })),
    ...chapter.matchAll(inWords).map(({ index, 1: text = '' }) => ({ index, text })),
  ];
  return found.toSorted((a, b) => a.index - b.index).map(({ text }) => text);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** A shell of the person in the checkout, which types what the README says. */
class Person {
  readonly home: string;
  readonly typed: string[] = [];
  readonly #place: TestHome;

  constructor(place: TestHome) {
    this.#place = place;
    this.home = join(place.userHome, '.navis');
  }

  /** `more`: what keeps this machine as it is. */
  types(command: string, more = ''): TerminalWindow {
    this.typed.push(command);
    const { PATH = '', HOME = '', SHELL = '', LANG = '' } = this.#place.environment();
    const env = { PATH, HOME, SHELL, LANG, TERM: 'xterm-256color', npm_config_update_notifier: 'false' };
    const args = ['-c', `${command}${more === '' ? '' : ` ${more}`}`];
    return new TerminalWindow({ file: '/bin/bash', args, env, cwd: root, columns: 100, rows: 50 });
  }

  /** Waits for the end, which must be a success. */
  async runs(command: string, more = ''): Promise<string> {
    await using window = this.types(command, more);
    const exitCode = await window.ended(startDeadlineMs);
    const said = window.history().join('\n');
    expect({ command, exitCode, said }).toMatchObject({ exitCode: 0 });
    return said;
  }
}

const shownCode = /must show this code: +(\d{3} \d{3})/;
const hubPid = (home: string): number =>
  (JSON.parse(readFileSync(join(home, 'run', 'daemon.json'), 'utf8')) as { pid: number }).pid;

const pairInBrowser = async (page: Page, hub: TerminalWindow): Promise<void> => {
  const link = /https:\/\/\S+\/pair#[\w-]{22}/.exec(hub.history().join('\n'))?.[0] ?? 'no link';
  await page.goto(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  const code = (await page.getByLabel(/^Code /).textContent())?.trim();
  await hub.shows(shownCode);
  expect(shownCode.exec(hub.screen().join('\n'))?.[1]).toBe(code);
  await hub.shows('Pair it?');
  hub.type('y\r');
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await hub.shows('is paired.');
};

test.skipIf(browser.chromium === undefined || browser.certutil === undefined)(
  'issue 2, I12, I14, T18: the first five minutes: start, trust, pair, open, attach, kill -9, and it is all still there',
  async () => {
    await using place = await createTestHome();
    const person = new Person(place);
    mkdirSync(person.home, { mode: 0o700 });
    // The README's own commands, beside whatever else listens on this machine.
    writeFileSync(join(person.home, 'config.json'), JSON.stringify({ port: await freePort() }));
    await using cleanUp = new AsyncDisposableStack();

    const hub = cleanUp.use(person.types('npm start'));
    await hub.shows('Pair a browser', startDeadlineMs);
    // The system's own trust store is not this test's to change.
    await person.runs('npx navisai trust', '--no-system');
    const env = { ...process.env, HOME: place.userHome } as Record<string, string>;
    const flags = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    const chrome = await chromium.launch({ executablePath: browser.chromium, args: flags, env });
    cleanUp.defer(() => chrome.close());
    const page = await chrome.newPage();
    page.setDefaultTimeout(startDeadlineMs);
    await pairInBrowser(page, hub);

    await person.runs('npx navisai terminal open work --description "my shell" -- bash');
    expect(await person.runs('npx navisai terminal list')).toContain('my shell');
    await page.getByRole('main').getByText('work', { exact: true }).first().click();
    await page.getByRole('region', { name: /^Screen of/ }).waitFor();
    const attached = cleanUp.use(person.types('npx navisai attach work'));
    await attached.shows(/[$#] /, startDeadlineMs);
    attached.type('kept=$((40+2)); echo "now $kept"\r');
    await attached.shows('now 42');
    attached.type('\x1cd');
    expect(await attached.ended()).toBe(0);

    process.kill(hubPid(person.home), 'SIGKILL');
    await hub.ended();
    await page.getByRole('status', { name: 'Connection: Reconnecting' }).first().waitFor();
    const again = cleanUp.use(person.types('npm start'));
    await again.shows('Still running from before: work', startDeadlineMs);
    const back = cleanUp.use(person.types('npx navisai attach work'));
    await back.shows('now 42', startDeadlineMs);
    back.type('echo "still $kept"\r');
    await back.shows('still 42');
    await page.getByRole('status', { name: 'Connection: Reconnecting' }).first().waitFor({ state: 'detached' });
    back.type('\x1cd');
    expect(await back.ended()).toBe(0);

    await using model = await startModelServer(() => ({ text: 'Nothing listens there.' }));
    const url = model.baseUrl('openai-compatible');
    await person.runs('npx navisai models add ollama', `--url ${url} --model scripted --default`);
    const asked = 'npx navisai chat "what listens on port 8080, and who started it?"';
    expect(await person.runs(asked)).toContain('Nothing listens there.');
    expect(await person.runs('npx navisai approvals')).toContain('Nothing waits');

    again.type('\x03');
    await again.shows('Ending the hub with its terminals: work');
    await again.ended();
    await person.runs('npx navisai up');
    await person.runs('npx navisai down');
    await person.runs('npx navisai trust --remove', '--no-system');
    expect(new Set(person.typed)).toEqual(new Set(readmeCommands()));
    await chrome.close();
    await until('nothing is left', async () => (await findMarked(place.mark)).length === 0);
  },
);
