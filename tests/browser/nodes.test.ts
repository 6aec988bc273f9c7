/** The page of nodes: true about who is there, and the way to let another machine in (N3, N5, T18). */
import { createSession, startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
/** N3: a node that is gone shows as offline within this time. */
const honestWithinMs = 15_000;

const rowOf = (device: WebDevice, name: string) => device.page.locator(`li[data-node="${name}"]`);

test('N2, N3: a node is invited in the page, joins with the line shown there, and is seen online', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  await device.goTo('/fleet');
  await device.page.getByRole('button', { name: 'Add a node' }).click();
  await device.page.getByLabel('Name').fill('not a name');
  await device.page.getByRole('button', { name: 'Continue' }).click();
  await device.page.getByText('Use up to 63 letters').waitFor();
  await device.page.getByLabel('Name').fill('nas');
  await device.page.getByLabel('Labels').fill('role=storage');
  await device.page.getByRole('button', { name: 'Continue' }).click();
  await device.page.getByText(/NODE_API_KEY=navis1\./).waitFor();
  await device.page.getByRole('button', { name: 'Close' }).last().click();
  await rowOf(device, 'nas').getByText('Invited').waitFor();
  await rowOf(device, 'nas').getByText('role=storage').waitFor();
  expect(device.complaints).toEqual([]);
});

test('N3: a node that is killed shows as offline within 15 seconds, and as online when it is back', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  await using node = await startNode(place.hub, { name: 'laptop' });
  await device.goTo('/fleet');
  const row = rowOf(device, 'laptop');
  await row.getByRole('img', { name: 'Online' }).waitFor();
  await node.kill();
  await row.getByText('Offline').waitFor({ timeout: honestWithinMs });
  await node.start();
  await row.getByRole('img', { name: 'Online' }).waitFor();
});

test('N5, T18: a terminal is opened on a node from the page, says where it runs, and lives through a restart of the node', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { readsScreen: true });
  await using node = await startNode(place.hub, { name: 'vps' });
  await createSession(place.hub.host.api);
  await device.goTo('/fleet');
  await rowOf(device, 'vps').getByRole('button', { name: 'Actions for vps' }).click();
  await device.page.getByRole('menuitem', { name: 'New terminal' }).click();
  await device.page.getByText('A command').click();
  await device.page.getByRole('textbox', { name: 'Command' }).fill(`PS1='$ ' exec bash --norc --noprofile`);
  await device.page.getByRole('button', { name: 'Open terminal' }).click();
  await device.page.getByText('You control').waitFor();
  await device.page.getByRole('banner').or(device.page.locator('header')).getByText('vps').first().waitFor();
  await device.type('cd; pwd; x=kept\n');
  await until('it runs there', async () => (await device.screen()).includes(node.userHome));
  await node.kill();
  await node.start();
  await until('typing works again', async () => {
    await device.type('echo $x-$((40+2))\n');
    await device.page.waitForTimeout(500);
    return (await device.screen()).includes('kept-42');
  });
});
