/** The page of models: what agents think with, in which order, with keys that only go in (A4). */
import { startModelServer } from '@navisai/testkit';
import type { ModelServer } from '@navisai/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { axeFaults } from './axe-faults.fixture.ts';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { desktop, pairWebDevice, phone } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
  model.models = [{ id: 'small' }, { id: 'large' }];
});
beforeEach(async () => {
  model.reset();
  model.script(() => ({ text: 'Yes.' }));
  const { api } = place.hub.host;
  for (const { id } of (await api.models()).providers) await api.removeModelProvider({ params: { id } });
});
afterAll(async () => model[Symbol.asyncDispose]());

const add = async ({ page }: WebDevice, { name, key = '' }: { name: string; key?: string }): Promise<void> => {
  await page.getByRole('button', { name: /^Add/ }).click();
  await page.getByLabel('Provider').selectOption({ label: 'OpenAI-compatible' });
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Address').fill(model.baseUrl('openai-compatible'));
  await page.getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

test('A4: the first provider is added with what it offers, tried at once, and becomes what agents use', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/settings');
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('heading', { name: 'No model yet' }).waitFor();
  await add(device, { name: 'local' });
  await page.getByRole('button', { name: /^Leave out local\// }).waitFor();
  const offered = page.getByRole('list', { name: 'Models of local' }).getByRole('listitem');
  expect((await offered.allTextContents()).toSorted()).toEqual(['large', 'small']);
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText(/answered in \d+ ms/).waitFor();
  expect(device.complaints).toEqual([]);
});

test('A4: the order of preference is changed on the page and kept by the hub', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/settings/models');
  await add(device, { name: 'local' });
  const first = (await place.hub.host.api.models()).defaults[0] ?? '';
  const other = first === 'local/small' ? 'local/large' : 'local/small';
  await page.getByLabel('Add a model to the order').selectOption(other);
  await page.getByRole('button', { name: `Prefer ${other}` }).click();
  await expect.poll(async () => (await place.hub.host.api.models()).defaults).toEqual([other, first]);
  await page.getByRole('button', { name: `Leave out ${first}` }).click();
  await expect.poll(async () => (await place.hub.host.api.models()).defaults).toEqual([other]);
});

test('A4: a key goes in and is never on the page again; a change without one keeps it', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/settings/models');
  await add(device, { name: 'paid', key: 'sk-never-shown-again' });
  await page.getByText(/key kept/).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'More about paid' }).click();
  await page.getByRole('menuitem', { name: 'Change' }).click();
  expect(await page.getByLabel('Key').inputValue()).toBe('');
  expect(await page.content()).not.toContain('sk-never-shown-again');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  model.reset();
  model.script(() => ({ text: 'Yes.' }));
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText(/answered in/).waitFor();
  expect(model.requests.at(-1)?.headers['authorization']).toBe('Bearer sk-never-shown-again');
});

test('A4: a provider that refuses is told in its own words, and is removed after a question', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/settings/models');
  await add(device, { name: 'local' });
  model.reset();
  model.script(() => ({ status: 400, error: 'the model is gone' }));
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText(/the model is gone/).waitFor();
  await page.getByRole('button', { name: 'More about local' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog', { name: 'Remove this provider?' }).getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { name: 'No model yet' }).waitFor();
});

test('A4, I12: who may only operate sees the models and changes none', async () => {
  await using admin = await pairWebDevice(place.browser, place.hub);
  await admin.goTo('/settings/models');
  await add(admin, { name: 'local' });
  await using device = await pairWebDevice(place.browser, place.hub, { scope: 'operator' });
  await device.goTo('/settings/models');
  await device.page.getByRole('list', { name: 'Models of local' }).waitFor();
  expect(await device.page.getByRole('button', { name: /^(Add|Test|Prefer|Leave out|More about)/ }).count()).toBe(0);
});

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing on the page of models, on a ${shape}, in light and dark`, async () => {
    await using device = await pairWebDevice(place.browser, place.hub, { ...options, reducedMotion: 'reduce' });
    const { page } = device;
    await device.goTo('/settings/models');
    await page.getByRole('heading', { name: 'No model yet' }).waitFor();
    expect(await axeFaults(device), 'empty').toEqual([]);
    await page.getByRole('button', { name: 'Add a model' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFaults(device), 'dialog').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await add(device, { name: 'local' });
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText(/answered in/).waitFor();
    expect(await axeFaults(device), 'with a provider').toEqual([]);
  });
