/** The page of recalls: made, run, changed, paused and removed by a person, with honest outcomes (A5). */
import { expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { axeFaults } from './axe-faults.fixture.ts';
import { desktop, pairWebDevice, phone } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useAgentBrowser();
/** After the last event: whatever it makes the page ask for has been asked for. */
const settledMs = 1500;
/** Nothing happens meanwhile. */
const quietMs = 4000;

const rowOf = ({ page }: WebDevice, title: string) => page.locator(`li[data-recall="${title}"]`);

const add = async (device: WebDevice, title: string): Promise<void> => {
  const { page } = device;
  await page.getByRole('button', { name: /^Add/ }).first().click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Task').fill('Look whether the backup is there.');
  await page.getByLabel('Time').fill('08:05');
  await page.getByRole('button', { name: 'Save' }).click();
  await rowOf(device, title).waitFor();
};

const choose = async (device: WebDevice, title: string, item: string): Promise<void> => {
  await device.page.getByRole('button', { name: `More about ${title}` }).click();
  await device.page.getByRole('menuitem', { name: item }).click();
};

test('A5: a recall is made on the page, run at once, and its answer is in its history and its conversation', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  place.model.script(() => ({ text: 'All 12 backups are there.' }));
  await device.goTo('/r');
  await page.getByRole('heading', { name: 'Nothing is planned' }).waitFor();
  await add(device, 'backups');
  const row = rowOf(device, 'backups');
  await row.getByText(/every day at 08:05 · next (today|tomorrow)/i).waitFor();
  await row.getByText('Has not run yet').waitFor();
  await page.getByRole('button', { name: 'Run backups now' }).click();
  await row.getByText(/^Went well/).waitFor();
  await choose(device, 'backups', 'History');
  await page.getByText('All 12 backups are there.').waitFor();
  await page.getByRole('link', { name: 'Open the conversation' }).click();
  await page.waitForURL(/\/c\/s_/);
  await page.getByRole('article', { name: 'Answer' }).getByText('All 12 backups are there.').waitFor();
  expect(device.complaints).toEqual([]);
});

test('A5: what happens to recalls elsewhere shows at once, without asking again and again', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const { api } = place.hub.host;
  await device.goTo('/r');
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
  let asked = 0;
  page.on('request', (request) => void (request.url().endsWith('/recalls') && (asked += 1)));
  place.model.script(() => ({ text: 'Done elsewhere.' }));
  const body = { title: 'elsewhere', task: 'Look.', schedule: { kind: 'interval', seconds: 3_600 } } as const;
  const { id } = await api.createRecall({ body });
  await rowOf(device, 'elsewhere').getByText('Has not run yet').waitFor();
  await api.runRecall({ params: { id } });
  await rowOf(device, 'elsewhere')
    .getByText(/^Went well/)
    .waitFor();
  await api.removeRecall({ params: { id } });
  await rowOf(device, 'elsewhere').waitFor({ state: 'detached' });
  expect(asked).toBeGreaterThanOrEqual(3);
  await page.waitForTimeout(settledMs);
  const untilNow = asked;
  await page.waitForTimeout(quietMs);
  expect(asked).toBe(untilNow);
  expect(device.complaints).toEqual([]);
});

test('A5: a run that fails says why, on the row and in the history', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  place.model.script(() => ({ status: 400, error: 'the model is gone' }));
  await device.goTo('/r');
  await add(device, 'fails');
  await device.page.getByRole('button', { name: 'Run fails now' }).click();
  const row = rowOf(device, 'fails');
  await row.getByRole('img', { name: 'Failed' }).waitFor();
  await row.getByText(/the model is gone/).waitFor();
});

test('A5: a recall is paused, resumed, changed and removed', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/r');
  await add(device, 'changing');
  const row = rowOf(device, 'changing');
  await choose(device, 'changing', 'Pause');
  await row.getByText(/^Paused/).waitFor();
  await choose(device, 'changing', 'Resume');
  await row.getByRole('img', { name: 'Waiting' }).waitFor();
  await choose(device, 'changing', 'Change');
  await page.getByRole('button', { name: 'Change when' }).click();
  await page.getByLabel('When').selectOption({ label: 'Every week' });
  await page.getByLabel('Day').selectOption({ label: 'Friday' });
  await page.getByLabel('Time').fill('17:30');
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByText(/every Friday at 17:30/i).waitFor();
  await choose(device, 'changing', 'Remove');
  await page.getByRole('dialog', { name: 'Remove this recall?' }).getByRole('button', { name: 'Remove' }).click();
  await row.waitFor({ state: 'detached' });
});

test('A5: what is missing or wrong is said in the form, also by the hub', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/r');
  await page.getByRole('button', { name: /^Add/ }).first().click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Give it a title').waitFor();
  await page.getByLabel('Title').fill('odd');
  await page.getByLabel('Task').fill('Do it.');
  await page.getByLabel('When').selectOption({ label: 'Cron expression' });
  await page.getByLabel('Expression').fill('99 99 * * *');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(1);
});

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing on the page of recalls, on a ${shape}, in light and dark`, async () => {
    await using device = await pairWebDevice(place.browser, place.hub, { ...options, reducedMotion: 'reduce' });
    const { page } = device;
    await device.goTo('/r');
    await add(device, `looked-at-${shape}`);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await axeFaults(device), 'list').toEqual([]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFaults(device), 'dialog').toEqual([]);
  });
