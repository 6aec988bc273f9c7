/** Conversations as a person has them: what streams in, what is run, stopped, said anew and found again (A3, A4, A8, W1). */
import { startNode, until } from '@navisai/testkit';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { writeProfile } from '../journeys/conversation.fixture.ts';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { EventWriter } from './event-writer.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useAgentBrowser();

const write = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
};

/** Begins a conversation on the start page. */
const begin = async (device: WebDevice, text: string): Promise<void> => {
  await device.goTo('/c');
  await write(device.page, text);
  await device.page.waitForURL(/\/c\/s_/);
};

const answer = (page: Page, text: string) => page.getByRole('article', { name: 'Answer' }).getByText(text);
const call = (page: Page, title: string) => page.locator('.call').filter({ hasText: title });

test('A3, N9: an answer streams in with thinking, a call with its output, and Markdown that is drawn as it grows', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  let goOn: () => void = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  place.model.script([
    {
      thinking: 'Let me look first.',
      calls: [{ tool: 'terminal', arguments: { action: 'run', command: 'echo hello-$((40+2))' } }],
    },
    {
      after: held,
      text: ['## Done\n\nThe command said **hello', '-42**.\n\n```ts\nconst a = 1;\n', '```\n'],
      delayMs: 30,
    },
  ]);
  await begin(device, 'say hello with the shell');
  const { page } = device;
  await page
    .getByRole('article', { name: /^Said by/ })
    .getByText('say hello')
    .waitFor();
  await page.getByRole('button', { name: 'Thought' }).click();
  await page.getByText('Let me look first.').waitFor();
  const card = call(page, 'echo hello');
  await card.getByRole('img', { name: 'Done' }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  goOn();
  await page.getByRole('heading', { name: 'Done', level: 3 }).waitFor();
  await page.locator('.code-block code .hljs-keyword').getByText('const').waitFor();
  await page.getByText(/tokens · scripted\/scripted/).waitFor();
  await card.getByRole('button', { name: /Run/ }).click();
  await card.getByText('hello-42').last().waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
  expect(device.complaints).toEqual([]);
});

test('A3: what is written on while a message is on its way is kept for the next', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { serviceWorkers: 'block' });
  const { page } = device;
  place.model.script({ text: 'Blue it is.' });
  const gate = Promise.withResolvers<void>();
  await page.route('**/messages', async (route) => {
    await gate.promise;
    await route.continue();
  });
  await device.goTo('/c');
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('paint it blue');
  await Promise.all([page.waitForRequest('**/messages'), box.press('Enter')]);
  await page.keyboard.type(' and the door');
  gate.resolve();
  await page.waitForURL(/\/c\/s_/);
  await answer(page, 'Blue it is.').waitFor();
  await expect.poll(() => box.inputValue()).toBe('and the door');
  expect(place.model.requests.at(-1)?.said).not.toContain('door');
});

test('A3: Stop ends what the agent does, and Continue goes on', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script([{ text: 'I begin, and then I', hang: 2 }, { text: 'Here I am again.' }]);
  await begin(device, 'take your time');
  await page.getByText('I begin').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await answer(page, 'Here I am again.').waitFor();
});

test('A3: a message is edited and sent again; what was before is set aside and can be looked at', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script([{ text: 'Blue it is.' }, { text: 'Green it is.' }]);
  await begin(device, 'paint it blue');
  await answer(page, 'Blue it is.').waitFor();
  await page.getByRole('article', { name: /^Said by/ }).hover();
  await page.getByRole('button', { name: 'Actions for this message' }).click();
  await page.getByRole('menuitem', { name: 'Edit and resend' }).click();
  await page.getByRole('textbox', { name: 'Edit the message' }).fill('paint it green');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await answer(page, 'Green it is.').waitFor();
  await answer(page, 'Blue it is.').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Earlier version' }).click();
  await answer(page, 'Blue it is.').waitFor();
});

test('issue 6: keys do it too: Enter sends, Shift+Enter makes a line, ↑ edits what was said last, Esc stops', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script([{ text: 'Blue it is.' }, { text: 'I begin, and then I', hang: 2 }]);
  await begin(device, 'paint it blue');
  await answer(page, 'Blue it is.').waitFor();
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.press('ArrowUp');
  const edited = page.getByRole('textbox', { name: 'Edit the message' });
  expect(await edited.inputValue()).toBe('paint it blue');
  await page.keyboard.press('Escape');
  await edited.waitFor({ state: 'detached' });
  await box.press('ArrowUp');
  await edited.fill('paint it');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('green');
  await page.keyboard.press('Enter');
  await page.getByText('I begin').waitFor();
  expect(place.model.requests.at(-1)?.said).toContain('paint it\ngreen');
  await box.press('Escape');
  await page.getByText('Stopped.').waitFor();
  expect(device.complaints).toEqual([]);
});

test('A3: an interrupted run that was continued leaves one bar, with Continue', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const { id } = await place.hub.host.api.createSession({ body: { kind: 'agent', title: 'Killed twice' } });
  const log = new EventWriter(id);
  log.say('build it');
  const first = log.start();
  log.part(first, 0, { kind: 'text', text: 'Half of it' });
  log.end(first, { reason: 'interrupted', canContinue: true });
  const second = log.start({ continues: first });
  log.part(second, 0, { kind: 'text', text: 'and a bit more' });
  log.end(second, { reason: 'interrupted', canContinue: true });
  await log.write(place.hub.home);
  await device.goTo(`/c/${id}`);
  await page.getByText('Interrupted in the middle. What was done is kept.').waitFor();
  await page.getByText('Interrupted here, then continued').waitFor();
  expect(await page.getByRole('button', { name: 'Continue' }).count()).toBe(1);
});

test('A3: what is said while the agent works is queued, and taken', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  let goOn: () => void = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  place.model.script([
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command: 'echo one' } }] },
    { after: held, text: 'First.' },
    { text: 'And the second, too.' },
  ]);
  await begin(device, 'do the first');
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await until('the second turn waits', () => place.model.requests.length >= 2);
  await write(page, 'and the second');
  await page.getByText('Queued').waitFor();
  goOn();
  await answer(page, 'And the second, too.').waitFor();
  await page.getByText('Queued').waitFor({ state: 'detached' });
});

test('A4: commands act without the agent, and are completed while they are written', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await begin(device, '!echo from-$((6*7))');
  await page.getByRole('group', { name: 'Output' }).getByText('from-42').waitFor();
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('/l');
  await page.getByRole('option', { name: /\/list/ }).waitFor();
  await box.press('Tab');
  expect(await box.inputValue()).toBe('/list');
  await page.getByText('List the terminals of this conversation').waitFor();
  await box.press('Enter');
  await page
    .getByRole('article', { name: /^Said by/ })
    .getByText('/list')
    .waitFor();
  expect(place.model.requests).toHaveLength(0);
});

test('N5, P4: the node that a profile names is the one that is shown, and main can be chosen against it', async () => {
  await using nas = await startNode(place.hub, { name: 'nas' });
  await writeProfile(place.hub.home, { id: 'there', approvals: 'never', node_id: 'nas' });
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/c?profile=there');
  const node = page.getByRole('combobox', { name: 'Node' });
  const box = page.getByRole('textbox', { name: 'Message' });
  await expect.poll(() => node.inputValue()).toBe(nas.id);
  await box.fill('!');
  await page.getByText('Runs on nas, without the agent').waitFor();
  await write(page, '!echo $HOME');
  await page.waitForURL(/\/c\/s_/);
  const output = page.getByRole('group', { name: 'Output' });
  await output.getByText(nas.userHome, { exact: true }).waitFor();
  await expect.poll(() => node.inputValue()).toBe(nas.id);
  await box.fill('!');
  await page.getByText('Runs on nas, without the agent').waitFor();
  await box.fill('');
  await node.selectOption({ label: 'main' });
  const [, id = ''] = /\/c\/(s_\w+)/.exec(page.url()) ?? [];
  const chosen = async () => (await place.hub.host.api.session({ params: { id } })).agent?.nodeId;
  await expect.poll(chosen).toBe('main');
  await write(page, '!echo $HOME');
  await output.getByText(place.hub.userHome, { exact: true }).waitFor();
  expect(await node.inputValue()).toBe('main');
  expect(device.complaints).toEqual([]);
});

test('A8: what an agent writes cannot act: no script, no picture from elsewhere, links that lead out alone', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(device.origin)) foreign.push(request.url());
  });
  place.model.script({
    text: [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>\n\n',
      '![see](https://evil.example/p.png) [click](javascript:document.title=3) [out](https://example.com/a)\n\nThe end.',
    ],
  });
  await begin(device, 'be evil');
  await page.getByText('The end.').waitFor();
  const links = await page
    .locator('.prose a')
    .evaluateAll((all) =>
      all.map((link) => [link.getAttribute('href'), link.getAttribute('target'), link.getAttribute('rel')]),
    );
  const guarded = ['_blank', 'noopener noreferrer nofollow'];
  expect(links).toEqual([
    ['https://evil.example/p.png', ...guarded],
    [null, null, null],
    ['https://example.com/a', ...guarded],
  ]);
  expect(await page.locator('.prose img, .prose script').count()).toBe(0);
  expect(await page.title()).toMatch(/Navis/);
  expect(foreign).toEqual([]);
});

test('A4: without a model the page says kindly how to add one', async () => {
  const { api } = place.hub.host;
  const { providers, defaults } = await api.models();
  await api.setDefaultModels({ body: { models: [] } });
  await api.removeModelProvider({ params: { id: 'scripted' } });
  await using device = await pairWebDevice(place.browser, place.hub);
  await device.goTo('/c');
  await device.page.getByText('No model is set up yet').waitFor();
  await device.page.getByRole('link', { name: 'Add a model' }).click();
  await device.page.waitForURL(/\/settings\/models/);
  for (const { id, kind, baseUrl, models } of providers)
    await api.addModelProvider({
      body: { id, kind, baseUrl: baseUrl ?? '', models: models.map(({ id: name }) => ({ id: name })) },
    });
  await api.setDefaultModels({ body: { models: defaults } });
});

test('W1: a conversation of 5,000 events is drawn only where it is looked at, and any place of it is found', async () => {
  const { api } = place.hub.host;
  const session = await api.createSession({ body: { kind: 'agent', title: 'Long' } });
  const log = new EventWriter(session.id);
  for (let round = 0; log.count < 5_000; round += 1) {
    log.say(`question ${round}`);
    const run = log.start();
    for (let step = 0; step < 12; step += 2)
      log.call(run, step, {
        tool: 'terminal',
        arguments: { action: 'run', command: `step ${round}-${step}` },
        answer: 'fine',
      });
    log.part(run, 12, { kind: 'text', text: `Answer **${round}**.\n\n- one\n- two\n`.repeat(3) });
    log.end(run);
  }
  await log.write(place.hub.home);
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo(`/c/${session.id}`);
  await page
    .getByText(/^question \d+$/)
    .last()
    .waitFor();
  const list = page.getByRole('log');
  await until('it is at its end', () =>
    list.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 40),
  );
  expect(await page.locator('[data-key]').count()).toBeLessThan(150);
  await list.evaluate((box) => (box.scrollTop = 0));
  await page.getByText('question 0', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Search in this conversation' }).click();
  await page.getByRole('textbox', { name: 'Search in this conversation' }).fill('step 101-4');
  await call(page, 'step 101-4').waitFor();
  await page.getByRole('button', { name: 'Go to the end' }).click();
  await page
    .getByText(/^question \d+$/)
    .last()
    .waitFor();
});
