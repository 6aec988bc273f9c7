/** Conversations with agents of others: begun in the browser on any node, shown and asked like every other (I19). */
import { fileURLToPath } from 'node:url';
import { startNode } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { axeFaults } from './axe-faults.fixture.ts';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice, phone } from './web-device.fixture.ts';

const program = fileURLToPath(new URL('small-acp-agent.fixture.ts', import.meta.url));
const acpAgents = {
  small: { command: process.execPath, args: [program] },
  absent: { command: '/nowhere/absent-agent' },
};
const place = useBrowserHub({ config: { acpAgents } });
/** A program that starts on a busy machine takes its time. */
const startDeadlineMs = 60_000;

test('I19: an agent of others is chosen with its node; its plan, thoughts, calls and diffs stream, and it asks', async () => {
  await using nas = await startNode(place.hub, { name: 'nas' });
  await using device = await pairWebDevice(place.browser, place.hub, phone);
  const { page } = device;
  await device.goTo('/c');
  const agent = page.getByRole('combobox', { name: 'Agent' });
  await agent.getByRole('option', { name: 'opencode' }).waitFor({ state: 'attached' });
  // Nobody needs a model of the hub for it.
  await page.getByText('No model is set up yet').waitFor();
  await agent.selectOption({ label: 'small' });
  await page.getByText('No model is set up yet').waitFor({ state: 'detached' });
  await page.getByRole('combobox', { name: 'Node' }).selectOption({ label: 'nas' });
  await page.getByRole('textbox', { name: 'Message' }).fill('change the port');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(/\/c\/s_/);
  const asked = page.getByRole('article', { name: 'Approval request' });
  await asked.getByRole('button', { name: 'Approve once' }).waitFor({ timeout: startDeadlineMs });
  const session = (await place.hub.host.api.sessions({ query: {} })).sessions.find(({ kind }) => kind === 'acp');
  expect(session?.agent).toMatchObject({ acpAgent: 'small', nodeId: nas.id });
  expect(session?.terminals.map(({ name, nodeId }) => [name, nodeId])).toEqual([['acp-small', nas.id]]);
  await page.getByRole('group', { name: 'Plan' }).getByText('Change the port').first().waitFor();
  await page.getByRole('button', { name: /^Thought/ }).waitFor();
  await page.getByRole('group', { name: 'Read config.ts' }).waitFor();
  expect(await axeFaults(device)).toEqual([]);
  await asked.getByRole('button', { name: 'Approve once' }).click();
  await page.getByText('The port is 8080 now.', { exact: true }).waitFor();
  await page.getByRole('group', { name: 'Edit config.ts' }).getByRole('button', { expanded: false }).click();
  const changes = page.getByRole('region', { name: 'Changes of /srv/site/config.ts' });
  expect(await changes.locator('[data-kind="added"]').textContent()).toContain('export const port = 8080;');
  expect(await changes.locator('[data-kind="same"]').count()).toBe(1);
  // It is bound to its node and brings its own model.
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  expect(await page.getByRole('combobox').count()).toBe(0);
  expect(await axeFaults(device)).toEqual([]);
  expect(device.complaints).toEqual([]);
});

test('I19: an agent that is not installed says so in the conversation', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  await device.goTo('/c?agent=absent');
  await page.getByPlaceholder('Write to absent').fill('hello');
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/absent could not be started.*Is it installed on that node/)
    .waitFor({
      timeout: startDeadlineMs,
    });
  expect(device.complaints).toEqual([]);
});
