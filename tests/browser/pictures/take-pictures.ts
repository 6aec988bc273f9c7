/** Pictures of every page on phone and desktop, light and dark, from a real hub in a throw-away home; some are the README's. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startHub, startModelServer, startNode } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import type { Browser } from 'playwright-core';
import { launchTrustedBrowser } from '../trusted-browser.fixture.ts';
import { desktop, openWebDevice, pairWebDevice, phone } from '../web-device.fixture.ts';
import type { WebDevice } from '../web-device.fixture.ts';
import { fillAgents } from './fill-agents.ts';
import { fillHub } from './fill-hub.ts';
import { pictures } from './pages.ts';
import type { Picture } from './pages.ts';

const folder = fileURLToPath(new URL('../../../screenshots/', import.meta.url));
/** What the README shows of each shape: its pictures are small, and kept with the sources. */
const readme = { folder: fileURLToPath(new URL('../../../docs/pictures/', import.meta.url)), quality: 82 };
const inReadme = new Set(['conversation-asks-phone', 'conversation-diff-desktop']);
const shapes = { phone, desktop };
const schemes = ['light', 'dark'] as const;

const only = process.argv.slice(2);
const isWanted = (name: string): boolean => only.length === 0 || only.includes(name);

const takeAll = async (): Promise<void> => {
  if (only.length === 0) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await using hub = await startHub({ config: { mcpServers: { weather: { command: '/nowhere/weather-mcp' } } } });
  const browser = await launchTrustedBrowser(hub);
  try {
    if (isWanted('pairing')) await takeFirstMinutes(browser, hub);
    await using stack = new AsyncDisposableStack();
    const nas = stack.use(await startNode(hub, { name: 'nas', labels: { role: 'storage', place: 'home' } }));
    stack.use(await startNode(hub, { name: 'vps', labels: { role: 'web' } }));
    const laptop = stack.use(await startNode(hub, { name: 'laptop' }));
    const model = stack.use(await startModelServer());
    const filled = { ...(await fillHub(hub)), ...(await fillAgents(hub, model, nas)) };
    await laptop.kill();
    for (const [shape, options] of Object.entries(shapes))
      for (const colorScheme of schemes) {
        await using device = await pairWebDevice(browser, hub, { ...options, colorScheme, name: nameOf(shape) });
        await takePictures(device, `${shape}-${colorScheme}`, (picture) => picture(device, filled, hub));
        if (isWanted('down')) await takeDown(device, hub, `${shape}-${colorScheme}`);
      }
  } finally {
    await browser.close();
  }
};

const nameOf = (shape: string): string => (shape === 'phone' ? 'Safari on iPhone' : 'Chrome on Mac');

const takePictures = async (
  device: WebDevice,
  suffix: string,
  take: (picture: Picture) => Promise<void>,
): Promise<void> => {
  for (const [name, picture] of Object.entries(pictures)) {
    if (!isWanted(name)) continue;
    await take(picture);
    await snap(device, `${name}-${suffix}`);
  }
  if (device.complaints.length > 0) console.log(`${suffix}: ${device.complaints.join('\n')}`);
};

const snap = async (device: WebDevice, name: string): Promise<void> => {
  await device.page.waitForTimeout(350);
  await device.page.screenshot({ path: `${folder}${name}.png`, caret: 'initial' });
  if (inReadme.has(name.replace(/-(light|dark)$/, ''))) await keepForReadme(device, name);
  console.log(name);
};

const keepForReadme = async ({ context, page }: WebDevice, name: string): Promise<void> => {
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: readme.quality });
  await mkdir(readme.folder, { recursive: true });
  await writeFile(`${readme.folder}${name}.webp`, Buffer.from(data, 'base64'));
};

/** What a person sees first: not paired, pairing, waiting, an empty home, and another device that asks. */
const takeFirstMinutes = async (browser: Browser, hub: TestHub): Promise<void> => {
  for (const [shape, options] of Object.entries(shapes))
    for (const colorScheme of schemes) {
      await using device = await openWebDevice(browser, hub, { ...options, colorScheme });
      const suffix = `${shape}-${colorScheme}`;
      await device.goTo('/');
      await device.page.getByRole('heading', { name: /not paired/ }).waitFor();
      await snap(device, `welcome-${suffix}`);
      const { token } = await hub.host.api.openPairing({ body: { scope: 'admin' } });
      await device.goTo(`/pair#${token}`);
      await snap(device, `pair-name-${suffix}`);
      await device.page.getByRole('button', { name: 'Continue' }).click();
      await device.page.getByRole('heading', { name: 'Waiting for approval' }).waitFor();
      await snap(device, `pair-code-${suffix}`);
      const { approvals } = await hub.host.api.pendingApprovals();
      for (const { id } of approvals) await hub.host.api.approve({ params: { id }, body: { scope: 'admin' } });
      await device.page.getByRole('heading', { name: 'No terminals yet' }).waitFor();
      await snap(device, `home-empty-${suffix}`);
      await takeApproval(browser, hub, { device, suffix });
    }
};

const takeApproval = async (
  browser: Browser,
  hub: TestHub,
  { device, suffix }: { device: WebDevice; suffix: string },
): Promise<void> => {
  await using other = await openWebDevice(browser, hub, phone);
  const { token } = await hub.host.api.openPairing({ body: { scope: 'operator' } });
  await other.goTo(`/pair#${token}`);
  await other.page.getByRole('button', { name: 'Continue' }).click();
  await device.page.getByRole('heading', { name: /wants to be paired/ }).waitFor();
  await snap(device, `home-approval-${suffix}`);
  await device.page.getByRole('button', { name: 'Reject' }).click();
  await other.page.getByRole('heading', { name: 'Pairing was rejected' }).waitFor();
  await snap(other, `pair-rejected-${suffix}`);
};

const takeDown = async (device: WebDevice, hub: TestHub, suffix: string): Promise<void> => {
  await device.goTo('/');
  await device.page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await hub.kill();
  await device.page.getByText(/Reconnecting since/).waitFor();
  await snap(device, `reconnecting-${suffix}`);
  await hub.start();
  await device.connection('Connected').waitFor({ timeout: 20_000 });
};

await takeAll();
