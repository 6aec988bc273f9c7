/** The page of access: tokens of MCP clients, shown once and revoked, and the MCP servers of the configuration (I20). */
import { expect, test } from 'vitest';
import { axeFaults } from './axe-faults.fixture.ts';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { desktop, pairWebDevice, phone } from './web-device.fixture.ts';

const place = useBrowserHub({ config: { mcpServers: { weather: { command: '/nowhere/weather-mcp' } } } });

test('I20: a token is made on the page, its secret is shown once, and it is good until it is revoked', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/settings');
  await page.getByRole('link', { name: /^Access/ }).click();
  await page.getByRole('button', { name: 'Add a token' }).click();
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('alert').getByText('Give it a name').waitFor();
  await page.getByLabel('Name').fill('Editor');
  await page.getByLabel('filesystem').uncheck();
  await page.getByText('Everything', { exact: true }).click();
  await page.getByRole('button', { name: 'Make the token' }).click();
  const secret = (await page.getByText(/^navismcp\.x_/).textContent()) ?? '';
  await page.getByText(/\/mcp$/).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText(/terminal, nodes · asks for everything · until .* · never used/).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Revoke Editor' }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole('button', { name: 'Revoke Editor' }).click();
  await page.getByRole('dialog', { name: 'Revoke this token?' }).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('heading', { name: 'No longer good' }).waitFor();
  const { tokens } = await place.hub.host.api.mcpTokens();
  expect(tokens.map(({ name, revokedAt }) => [name, revokedAt !== null])).toEqual([['Editor', true]]);
  expect(device.complaints).toEqual([]);
});

test('I20: a server that cannot be started says so; who may only look sees servers and no tokens', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { scope: 'viewer' });
  const { page } = device;
  await device.goTo('/settings/access');
  await page.locator('li[data-server="weather"]').getByRole('img', { name: 'Failed' }).waitFor();
  expect(await page.getByRole('button', { name: /^Add/ }).count()).toBe(0);
  expect(device.complaints).toEqual([]);
});

for (const [shape, options] of Object.entries({ phone, desktop }))
  test(`axe finds nothing on the page of access, on a ${shape}, in light and dark`, async () => {
    await using device = await pairWebDevice(place.browser, place.hub, { ...options, reducedMotion: 'reduce' });
    const { page } = device;
    await device.goTo('/settings/access');
    await page.getByRole('button', { name: /^Add/ }).first().click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFaults(device), 'dialog').toEqual([]);
    await page.getByLabel('Name').fill('Editor');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByText(/^navismcp\.x_/).waitFor();
    expect(await axeFaults(device), 'secret').toEqual([]);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Revoke Editor' }).first().waitFor();
    expect(await axeFaults(device), 'list').toEqual([]);
  });
