/** What is said once more: after an answer was lost, tried again with its files, and opened in a fork (A3, N9). */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { until } from '@navisai/testkit';
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useAgentBrowser();
const boxOf = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const saidBy = (page: Page) => page.getByRole('article', { name: /^Said by/ });
const answer = (page: Page, text: string) => page.getByRole('article', { name: 'Answer' }).getByText(text);
const messageIdOf = (route: Route): unknown => (route.request().postDataJSON() as Record<string, unknown>)['messageId'];

/** The hub is given the request and answers it; the browser never hears of it. */
const loseAnswer = async (route: Route): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const asked = route.request();
  const sent = request(asked.url(), { method: 'POST', headers: asked.headers(), rejectUnauthorized: false }, (told) =>
    told.resume().on('end', () => resolve(told.statusCode)),
  );
  sent.on('error', reject).end(asked.postDataBuffer());
  expect(await promise).toBe(200);
  await route.abort('connectionreset');
};

const loseFirstAnswer = async (page: Page): Promise<{ isDone: () => boolean }> => {
  let [isFirst, isDone] = [true, false];
  await page.route('**/messages', async (route) => {
    if (!isFirst) return route.continue();
    isFirst = false;
    await loseAnswer(route);
    isDone = true;
  });
  return { isDone: () => isDone };
};

test('A3, N9: a message whose answer was lost stands there once, and is not offered for sending again', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { serviceWorkers: 'block' });
  const { page } = device;
  place.model.script(() => ({ text: 'Done.' }));
  const { id } = await place.hub.host.api.createSession({ body: { kind: 'agent', title: 'Lost' } });
  await device.goTo(`/c/${id}`);
  const lost = await loseFirstAnswer(page);
  await boxOf(page).fill('add 1 to the counter');
  await boxOf(page).press('Enter');
  await until('the answer is lost', lost.isDone);
  await answer(page, 'Done.').waitFor();
  await expect.poll(() => boxOf(page).inputValue()).toBe('');
  expect(await saidBy(page).count()).toBe(1);
  expect(place.model.requests).toHaveLength(1);
});

test('A3, N9: what could not be sent keeps its id, also when the page is loaded anew; another text is another message', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { serviceWorkers: 'block' });
  const { page } = device;
  place.model.script(() => ({ text: 'Done.' }));
  const { id } = await place.hub.host.api.createSession({ body: { kind: 'agent', title: 'Kept' } });
  await device.goTo(`/c/${id}`);
  const ids: unknown[] = [];
  await page.route('**/messages', (route) => {
    ids.push(messageIdOf(route));
    return ids.length < 4 ? route.abort('connectionreset') : route.continue();
  });
  const send = async (text: string): Promise<void> => {
    const count = ids.length;
    await expect.poll(() => boxOf(page).inputValue()).toBe(text);
    await boxOf(page).press('Enter');
    await until('it was sent', () => ids.length > count);
  };
  await boxOf(page).fill('add 2');
  await send('add 2');
  await send('add 2');
  await expect.poll(() => boxOf(page).inputValue()).toBe('add 2');
  await page.reload();
  await send('add 2');
  await expect.poll(() => boxOf(page).inputValue()).toBe('add 2');
  await boxOf(page).fill('add 3');
  await send('add 3');
  await answer(page, 'Done.').waitFor();
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(ids[3]).not.toBe(ids[0]);
});

test('A3, N9: a conversation whose first answer was lost begins once, and follows what is chosen meanwhile', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { serviceWorkers: 'block' });
  const { page } = device;
  place.model.script(() => ({ text: 'Done.' }));
  await device.goTo('/c');
  const lost = await loseFirstAnswer(page);
  await boxOf(page).fill('count the sheep');
  await boxOf(page).press('Enter');
  await until('the answer is lost', lost.isDone);
  expect(await boxOf(page).inputValue()).toBe('count the sheep');
  await page.getByRole('button', { name: /^Directory/ }).click();
  await page.getByRole('textbox', { name: /^Directory on/ }).fill('/tmp');
  await page.getByRole('button', { name: 'Use it' }).click();
  await boxOf(page).press('Enter');
  await page.waitForURL(/\/c\/s_/);
  await answer(page, 'Done.').waitFor();
  expect(await saidBy(page).count()).toBe(1);
  expect(place.model.requests).toHaveLength(1);
  const { sessions } = await place.hub.host.api.sessions({ query: {} });
  const begun = sessions.filter(({ title }) => title === 'count the sheep');
  expect(begun.map(({ agent }) => agent?.directory)).toEqual(['/tmp']);
});

test('A3: a message that was only a file is tried again, and said otherwise, with its file', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script(() => ({ text: 'A plum.' }));
  await device.goTo('/c');
  const buffer = Buffer.from('the secret word is plum');
  await page.locator('input[type=file]').setInputFiles({ name: 'word.txt', mimeType: 'text/plain', buffer });
  await page.getByRole('list', { name: 'Attached files' }).getByText('word.txt').waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await answer(page, 'A plum.').waitFor();
  const choose = async (name: string): Promise<void> => {
    await saidBy(page).hover();
    await page.getByRole('button', { name: 'Actions for this message' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const askedWithFile = (count: number): Promise<unknown> =>
    until('the model is asked with the file', () => {
      const last = place.model.requests[count - 1];
      return last?.text.includes('the secret word is plum');
    });
  await askedWithFile(1);
  await choose('Try again');
  await askedWithFile(2);
  await page.getByRole('button', { name: 'Earlier version' }).waitFor();
  await answer(page, 'A plum.').waitFor();
  await choose('Edit and resend');
  await page.getByRole('textbox', { name: 'Edit the message' }).fill('');
  await page.locator('.edit').getByRole('button', { name: 'Send' }).click();
  await askedWithFile(3);
});

test('A3: files of a fork are opened when the conversation that they came from was closed', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const { api } = place.hub.host;
  place.model.script(() => ({ text: 'Done.' }));
  const { id } = await api.createSession({ body: { kind: 'agent', title: 'Original' } });
  const body = { name: 'word.txt', mediaType: 'text/plain', data: Buffer.from('plum').toString('base64') };
  const file = await api.attach({ params: { id }, body });
  await api.sendMessage({ params: { id }, body: { text: 'read it', attachments: [file.id] } });
  const fork = await api.forkSession({ params: { id }, body: {} });
  await device.goTo(`/c/${id}`);
  await page.getByRole('button', { name: 'Actions for this conversation' }).click();
  await page.getByRole('menuitem', { name: 'Close', exact: true }).click();
  const asked = page.getByRole('dialog', { name: 'Close this conversation?' });
  await asked.getByText(/stays in the hub’s store/).waitFor();
  await asked.getByRole('button', { name: 'Close conversation' }).click();
  await page.waitForURL(/\/c$/);
  await until('it is closed', () =>
    api.session({ params: { id } }).then(
      () => false,
      () => true,
    ),
  );
  await device.goTo(`/c/${fork.id}`);
  const save = page.getByRole('button', { name: 'Save word.txt' });
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  expect(await readFile(await download.path(), 'utf8')).toBe('plum');
});
