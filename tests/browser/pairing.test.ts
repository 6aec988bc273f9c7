/** The first five minutes in a browser: from a link to a running terminal (I13, I14). */
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { approvePairing, openWebDevice, pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

const makeToken = async (): Promise<string> =>
  (await place.hub.host.api.openPairing({ body: { scope: 'admin' } })).token;

test('I14: first five minutes: link, name, code, approval, a terminal that answers', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub, { readsScreen: true });
  const { page } = device;
  await device.goTo('/');
  await page.getByRole('heading', { name: 'This browser is not paired yet' }).waitFor();
  await device.goTo(`/pair#${await makeToken()}`);
  await page.getByLabel('Name of this device').fill('My laptop');
  expect(page.url()).toBe(`${hub.origin}/pair`);
  await page.getByRole('button', { name: 'Continue' }).click();
  const shown = await page.getByLabel(/^Code /).textContent();
  const { approvals } = await hub.host.api.pendingApprovals();
  expect(approvals[0]?.detail).toMatchObject({ deviceName: 'My laptop', shortCode: shown });
  await approvePairing(hub, 'admin');
  await page.getByRole('heading', { name: 'No terminals yet' }).waitFor();

  await page.getByRole('button', { name: 'Open a terminal' }).click();
  await page.getByRole('button', { name: 'Open terminal', exact: true }).click();
  await device.stage.waitFor();
  await page.getByText('You control').waitFor();
  await device.type('echo $((6*7))-works\n');
  await until('the answer is shown', async () => (await device.screen()).includes('42-works'));
  expect(device.complaints).toEqual([]);
});

test('I13: the key of the browser cannot be read, not even by the page itself', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const facts = await device.page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('navis');
      request.addEventListener('success', () => resolve(request.result));
    });
    const stored = await new Promise<{ keyPair: CryptoKeyPair }>((resolve) => {
      const request = database.transaction('identity').objectStore('identity').get('device');
      request.addEventListener('success', () => resolve(request.result as { keyPair: CryptoKeyPair }));
    });
    const { privateKey } = stored.keyPair;
    const attempt = await crypto.subtle.exportKey('pkcs8', privateKey).catch((error: Error) => error.name);
    return { isExtractable: privateKey.extractable, algorithm: privateKey.algorithm.name, attempt };
  });
  expect(facts).toEqual({ isExtractable: false, algorithm: 'Ed25519', attempt: 'InvalidAccessError' });
});

test('I14: a reload while waiting goes on with the same request', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub);
  await device.goTo(`/pair#${await makeToken()}`);
  await device.page.getByRole('button', { name: 'Continue' }).click();
  const code = await device.page.getByLabel(/^Code /).textContent();
  await device.page.reload();
  expect(await device.page.getByLabel(/^Code /).textContent()).toBe(code);
  await approvePairing(hub, 'viewer');
  await device.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
});

test('I14: a link that was replaced, used or made up is told in plain words', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub);
  const old = await makeToken();
  await makeToken();
  for (const token of [old, 'AAAAAAAAAAAAAAAAAAAAAA']) {
    await device.goTo('/');
    await device.goTo(`/pair#${token}`);
    await device.page.getByRole('button', { name: 'Continue' }).click();
    await device.page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  }
});

test('I14: a paired admin approves another browser, seeing its name and the same code; a rejected one is told so', async () => {
  const { hub, browser } = place;
  await using admin = await pairWebDevice(browser, hub);
  await using phone = await openWebDevice(browser, hub);
  for (const decision of ['Reject', 'Approve'] as const) {
    await admin.goTo('/settings/devices');
    await admin.page.getByRole('button', { name: 'Pair a device' }).click();
    await admin.page.getByRole('button', { name: 'Make a link' }).click();
    const link = await admin.page.getByText(/\/pair#/).textContent();
    await phone.goTo('/');
    await phone.goTo(`/pair#${link?.split('#')[1]}`);
    await phone.page.getByLabel('Name of this device').fill('Kitchen tablet');
    await phone.page.getByRole('button', { name: 'Continue' }).click();
    const code = await phone.page.getByLabel(/^Code /).textContent();
    await admin.page.getByRole('heading', { name: 'Kitchen tablet wants to be paired' }).waitFor();
    expect(await admin.page.getByLabel(/^Code /).textContent()).toBe(code);
    await admin.page.getByRole('button', { name: decision }).click();
    const outcome = decision === 'Reject' ? 'Pairing was rejected' : 'Overview';
    await phone.page.getByRole('heading', { name: outcome, exact: true }).waitFor();
  }
  await admin.page.getByText('Kitchen tablet').first().waitFor();
});

test('I14: a revoked device is told at once and can be paired anew', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { name: 'Lost phone' });
  const { devices } = await hub.host.api.devices();
  const id = devices.find(({ name }) => name === 'Lost phone')?.id ?? '';
  await hub.host.api.revokeDevice({ params: { id } });
  await device.page.getByRole('heading', { name: 'This device is no longer paired' }).waitFor({ timeout: 3_000 });
  await device.page.getByRole('button', { name: 'Pair this browser again' }).click();
  await device.page.getByRole('heading', { name: 'This browser is not paired yet' }).waitFor();
});

test('U1: a viewer sees terminals and is offered nothing that it may not do', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub, { scope: 'viewer' });
  await device.page
    .getByText(/running|Nothing/)
    .first()
    .waitFor();
  expect(await device.page.getByRole('button', { name: 'New terminal' }).count()).toBe(0);
  await device.goTo('/settings/devices');
  await device.page.getByText('This device').waitFor();
  expect(await device.page.getByRole('button', { name: 'Pair a device' }).count()).toBe(0);
  expect(await device.page.getByRole('button', { name: /Revoke/ }).count()).toBe(0);
});
