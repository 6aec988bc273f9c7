/** What is pictured: each page, brought to where it shows what people will see. */
import type { TestHub } from '@navisai/testkit';
import type { WebDevice } from '../web-device.fixture.ts';
import type { FilledAgents } from './fill-agents.ts';
import type { FilledHub } from './fill-hub.ts';

export type Filled = FilledHub & FilledAgents;

export type Picture = (device: WebDevice, filled: Filled, hub: TestHub) => Promise<void>;

export const pictures: Record<string, Picture> = {
  home: async ({ page }) => {
    await page.getByText('running').first().waitFor();
  },
  'new-terminal': async (device) => {
    await device.goTo('/');
    await device.page.getByRole('button', { name: 'New terminal', exact: true }).last().click();
    await device.page.getByText('A command').click();
  },
  palette: async (device) => {
    await device.goTo('/');
    await device.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await device.page.keyboard.press('Control+k');
    await device.page.getByRole('combobox', { name: 'Jump to' }).fill('s');
  },
  'conversation-start': async (device) => {
    await device.goTo('/c');
    await device.page.getByRole('main').getByText('Fix the production build').waitFor();
  },
  conversation: async (device, { conversation }) => {
    await device.goTo(`/c/${conversation}`);
    await device.page.locator('[data-key]').first().waitFor();
    await device.page.getByRole('log').evaluate((list) => (list.scrollTop = 0));
  },
  'conversation-answer': async (device) => {
    await device.page.getByRole('button', { name: 'Go to the end' }).click();
  },
  // What was done, with the change of a file unfolded.
  'conversation-diff': async ({ page }) => {
    await page.getByRole('log').evaluate((list) => (list.scrollTop = 0));
    await page.getByRole('button', { name: /^Run npm run build/ }).click();
    await page.getByRole('button', { name: /^Edit src/ }).click();
  },
  'conversation-asks': async (device, { asking }) => {
    await device.goTo(`/c/${asking}`);
    await device.page.getByRole('article', { name: 'Approval request' }).waitFor();
  },
  approvals: async (device) => {
    await device.goTo('/approvals');
    await device.page.getByRole('article', { name: 'Approval request' }).waitFor();
  },
  approval: async (device, { approval }) => {
    await device.goTo(`/approvals/${approval}`);
    await device.page.getByRole('article', { name: 'Approval request' }).waitFor();
  },
  'approval-rule': async (device) => {
    await device.page.getByRole('button', { name: 'As a rule…' }).click();
  },
  recalls: async (device) => {
    await device.goTo('/r');
    await device.page.getByText('Went well').waitFor();
  },
  'recall-history': async (device) => {
    await device.page.getByRole('button', { name: 'More about Check the backups' }).click();
    await device.page.getByRole('menuitem', { name: 'History' }).click();
    await device.page.getByRole('link', { name: 'Open the conversation' }).waitFor();
  },
  'add-recall': async (device) => {
    await device.goTo('/r');
    await device.page.getByRole('button', { name: 'Add', exact: true }).click();
  },
  projects: async (device, { project }) => {
    await device.goTo('/p');
    await device.page.locator(`li[data-project="${project}"]`).waitFor();
  },
  project: async (device, { project }) => {
    await device.page.locator(`li[data-project="${project}"]`).getByRole('link').click();
    await device.page.locator('.hljs-keyword').first().waitFor();
  },
  terminal: async (device, { terminals }) => {
    await device.openTerminal(terminals.shell);
    await device.page.waitForTimeout(1200);
  },
  'terminal-menu': async (device) => {
    await device.page.getByRole('button', { name: 'Actions for this terminal' }).click();
  },
  'terminal-search': async (device, { terminals }) => {
    await device.openTerminal(terminals.logs);
    await device.page.waitForTimeout(800);
    await device.page.getByRole('button', { name: 'Actions for this terminal' }).click();
    await device.page.getByRole('menuitem', { name: 'Search' }).click();
    await device.page.getByRole('textbox', { name: 'Search in this terminal' }).fill('GET');
    await device.page.waitForTimeout(400);
  },
  'terminal-history': async (device, { terminals }) => {
    await device.openTerminal(terminals.logs);
    await device.page.waitForTimeout(600);
    await device.page.getByRole('button', { name: 'Actions for this terminal' }).click();
    await device.page.getByRole('menuitem', { name: 'Older output' }).click();
    await device.page.getByRole('button', { name: 'Live' }).waitFor();
    await device.page.keyboard.press('Home');
    await device.page.waitForTimeout(1500);
  },
  'terminal-full-screen': async (device, { terminals }) => {
    await device.openTerminal(terminals.monitor);
    await device.page.waitForTimeout(1500);
  },
  'terminal-exited': async (device, { terminals }) => {
    await device.goTo(`/terminal/${terminals.build.id}`);
    await device.page.getByRole('button', { name: 'Run again' }).waitFor();
    await device.page.waitForTimeout(800);
  },
  nodes: async (device) => {
    await device.goTo('/fleet');
    await device.page.getByText('storage').first().waitFor();
  },
  'add-node': async (device) => {
    await device.goTo('/fleet');
    await device.page.getByRole('button', { name: 'Add a node' }).click();
    await device.page.getByLabel('Name').fill(`pi-${device.page.viewportSize()?.width}-${Date.now() % 1000}`);
    await device.page.getByRole('button', { name: 'Continue' }).click();
    await device.page.getByText(/NODE_API_KEY/).waitFor();
  },
  settings: async (device) => device.goTo('/settings'),
  models: async (device) => {
    await device.goTo('/settings/models');
    await device.page.getByRole('list', { name: 'Models of ollama' }).waitFor();
  },
  'add-model': async (device) => {
    await device.page.getByRole('button', { name: /^Add/ }).first().click();
  },
  access: async (device) => {
    await device.goTo('/settings/access');
    await device.page.getByText('Editor on the laptop').waitFor();
  },
  'add-token': async (device) => {
    await device.page.getByRole('button', { name: 'Add', exact: true }).click();
  },
  devices: async (device) => {
    await device.goTo('/settings/devices');
    await device.page.getByText('This device').waitFor();
  },
  'pair-device': async (device) => {
    await device.page.getByRole('button', { name: 'Pair a device' }).click();
    await device.page.getByRole('button', { name: 'Make a link' }).click();
    await device.page.getByRole('img', { name: 'QR code' }).waitFor();
  },
};
