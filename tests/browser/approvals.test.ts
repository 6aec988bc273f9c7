/** The inbox of approvals: what an agent may not do alone is decided on any device, and signed there (A1, A2, N12). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@navisai/testkit';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useAgentBrowser } from './agent-browser.fixture.ts';
import { pairWebDevice, phone } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useAgentBrowser();

/** An agent that wants to make a file, then says what came of it. */
const wish = async (name: string, command = `touch ${join(place.hub.userHome, name)}`) => {
  const { api } = place.hub.host;
  place.model.script([
    { calls: [{ tool: 'terminal', arguments: { action: 'run', command } }] },
    { text: 'That is that.' },
  ]);
  const { id } = await api.createSession({
    body: { kind: 'agent', title: `Make ${name}`, agent: { profile: 'developer' } },
  });
  await api.sendMessage({ params: { id }, body: { text: `make ${name}` } });
  return { id, isMade: () => existsSync(join(place.hub.userHome, name)) };
};
const asked = (page: Page) => page.getByRole('article', { name: 'Approval request' });
const answer = (page: Page) => page.getByRole('article', { name: 'Answer' }).getByText('That is that.');
const open = async (device: WebDevice, path: string): Promise<void> => {
  await device.goTo(path);
  await asked(device.page).waitFor();
};

test('A2, N12: what a conversation asks is approved on a phone, and goes on in both', async () => {
  await using desk = await pairWebDevice(place.browser, place.hub, { name: 'desk' });
  await using mobile = await pairWebDevice(place.browser, place.hub, { ...phone, name: 'phone' });
  const { id, isMade } = await wish('one');
  await open(desk, `/c/${id}`);
  await desk.page.getByText('Waits for your decision', { exact: true }).waitFor();
  await mobile.goTo('/');
  await mobile.page.getByRole('link', { name: 'Approvals, 1 waiting' }).click();
  await asked(mobile.page).getByText('touch').first().waitFor();
  expect(isMade()).toBe(false);
  await mobile.page.getByRole('button', { name: 'Approve once' }).click();
  await mobile.page.getByText('Nothing waits for you.').waitFor();
  await answer(desk.page).waitFor();
  await asked(desk.page).waitFor({ state: 'detached' });
  expect(isMade()).toBe(true);
  await mobile.page.getByText('Approved once').click();
  await mobile.page.getByRole('heading', { name: 'Approved once' }).waitFor();
  await mobile.page.getByText(/Why it asked/).waitFor();
  expect([...desk.complaints, ...mobile.complaints]).toEqual([]);
});

test('A2: a rejection tells the agent why, and nothing is run', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { id, isMade } = await wish('two');
  await open(device, `/c/${id}`);
  const { page } = device;
  await page.getByRole('button', { name: 'Reject…' }).click();
  await page.getByRole('textbox', { name: /Why/ }).fill('make it elsewhere');
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await answer(page).waitFor();
  await page.getByRole('img', { name: 'Not allowed' }).waitFor();
  expect(isMade()).toBe(false);
  expect(place.model.requests.at(-1)?.text).toContain('make it elsewhere');
});

test('A2: a rule is made from what was asked, holds, and is not asked again', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { page } = device;
  const first = await wish('three');
  await open(device, `/c/${first.id}`);
  await page.getByRole('button', { name: 'As a rule…' }).click();
  await page.getByText('1 hour').click();
  await page.getByRole('button', { name: 'Approve as a rule' }).click();
  await answer(page).waitFor();
  const { rules } = await place.hub.host.api.rules();
  expect(rules).toMatchObject([{ effect: 'allow', sessionId: null, nodes: ['main'] }]);
  expect(Date.parse(rules[0]?.expiresAt ?? '') - Date.now()).toBeLessThan(3_600_000);
  const again = await wish('three');
  await device.goTo(`/c/${again.id}`);
  await answer(page).waitFor();
  expect(again.isMade()).toBe(true);
  for (const { id } of rules) await place.hub.host.api.removeRule({ params: { id } });
});

test('A2: the inbox survives a reload at its own address, and a viewer may look, not decide', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, { scope: 'viewer' });
  const { id } = await wish('four');
  await until('it is asked', async () => (await place.hub.host.api.pendingApprovals()).approvals.length > 0);
  await open(device, '/approvals');
  await device.page.reload();
  await asked(device.page).getByText('This device may look, not decide.').waitFor();
  expect(await device.page.getByRole('button', { name: 'Approve once' }).count()).toBe(0);
  await place.hub.host.api.stopRun({ params: { id } });
});

test('A2: what a notification was pressed for is brought up on the page, and decided by a tap only', async () => {
  await using device = await pairWebDevice(place.browser, place.hub, phone);
  const { page } = device;
  const { api } = place.hub.host;
  const { id, isMade } = await wish('four');
  const approval = await until('it is asked', async () => {
    const { approvals } = await api.pendingApprovals();
    return approvals.find((one) => one.kind === 'call' && one.detail.call.sessionId === id);
  });
  await open(device, `/approvals/${approval.id}?decide=approve`);
  const approve = page.getByRole('button', { name: 'Approve once' });
  await until('the button has the focus', () => approve.evaluate((button) => button === document.activeElement));
  await device.goTo(`/approvals/${approval.id}?decide=reject`);
  await page.getByRole('dialog', { name: 'Reject this?' }).waitFor();
  expect((await api.approval({ params: { id: approval.id } })).state).toBe('pending');
  expect(isMade()).toBe(false);
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await page.getByRole('heading', { name: 'Rejected' }).waitFor();
  await device.goTo(`/c/${id}`);
  await answer(page).waitFor();
  expect(device.complaints).toEqual([]);
});

test('A2: a question names its node once, and the terminal that it is about', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  const { api } = place.hub.host;
  const { id } = await api.createSession({ body: { kind: 'agent', title: 'In a terminal' } });
  const command = 'rm -rf build';
  const run = { tool: 'terminal', arguments: { action: 'run', command, terminal_name: 'web' } };
  place.model.script([{ calls: [run] }, { text: 'That is that.' }]);
  await api.sendMessage({ params: { id }, body: { text: 'clean' } });
  await open(device, '/approvals');
  const card = asked(device.page);
  await card.getByRole('heading', { name: 'wants to run a command in the terminal web' }).waitFor();
  expect(await card.getByText('main', { exact: true }).count()).toBe(1);
  expect(await card.getByRole('list', { name: 'Why it asks' }).getByRole('listitem').count()).toBe(1);
  await api.stopRun({ params: { id } });
});
