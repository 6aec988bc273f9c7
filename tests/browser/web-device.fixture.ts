/** A browser that a person uses: paired by link and approval, driven by what is seen and named on the page. */
import type { Scope, TerminalInfo } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
export const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };

/** Waiting costs nothing where all is well; a busy machine may take its time. */
const deadlineMs = 60_000;

export interface WebDeviceOptions extends BrowserContextOptions {
  name?: string;
  scope?: Scope;
  /** Terminals as text, so that a test reads the screen as a screen reader does. */
  readsScreen?: boolean;
}

export class WebDevice implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
  /** What the page complained about; tests expect nothing. */
  readonly complaints: string[] = [];

  constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    this.origin = origin;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !isExpected(message.text())) this.complaints.push(message.text());
    });
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.origin + path);
  }

  async openTerminal(terminal: Pick<TerminalInfo, 'id'>): Promise<void> {
    await this.goTo(`/terminal/${terminal.id}`);
    await this.stage.waitFor();
    await until('the terminal is live', async () => (await this.stage.getAttribute('data-phase')) === 'live');
  }

  get stage() {
    return this.page.getByRole('region', { name: /^Screen of/ });
  }

  /** The sign of the connection, when it says this. */
  connection(label: string) {
    return this.page.getByRole('status', { name: `Connection: ${label}` });
  }

  /** How many bytes of the terminal the screen is true to. */
  async offset(): Promise<number> {
    return Number((await this.stage.getAttribute('data-offset')) ?? 0);
  }

  /** The rows in view, as read to a person who listens. Needs `readsScreen`. */
  async rows(): Promise<string[]> {
    const rows = await this.stage.locator('.xterm-accessibility-tree').first().getByRole('listitem').allTextContents();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
  }

  async screen(): Promise<string> {
    return (await this.rows()).join('\n').trimEnd();
  }

  /** Types on the keyboard into the terminal. */
  async type(text: string): Promise<void> {
    await this.stage.locator('textarea').first().focus();
    await this.page.keyboard.type(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

/** A lost connection is a complaint of the browser, not of the page. */
const isExpected = (text: string): boolean =>
  /WebSocket connection|Failed to load resource|net::ERR|when fetching the script/.test(text);

/** A new browser profile, not paired. */
export const openWebDevice = async (
  browser: Browser,
  hub: Pick<TestHub, 'origin'>,
  options: WebDeviceOptions = {},
): Promise<WebDevice> => {
  const { name: _name, scope: _scope, readsScreen = false, ...contextOptions } = options;
  const context = await browser.newContext({ ...desktop, ...contextOptions });
  context.setDefaultTimeout(deadlineMs);
  const page = await context.newPage();
  if (readsScreen) {
    await page.addInitScript(() => {
      const stored = JSON.parse(localStorage.getItem('navis.preferences') ?? '{}') as object;
      localStorage.setItem('navis.preferences', JSON.stringify({ ...stored, isScreenReaderOn: true }));
    });
  }
  return new WebDevice(context, page, hub.origin);
};

/** A new browser profile, paired through its pages and approved by the host. */
export const pairWebDevice = async (
  browser: Browser,
  hub: TestHub,
  options: WebDeviceOptions = {},
): Promise<WebDevice> => {
  const device = await openWebDevice(browser, hub, options);
  const scope = options.scope ?? 'admin';
  const { token } = await hub.host.api.openPairing({ body: { scope } });
  const { page } = device;
  await device.goTo(`/pair#${token}`);
  if (options.name !== undefined) await page.getByLabel('Name of this device').fill(options.name);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Waiting for approval' }).waitFor();
  await approvePairing(hub, scope);
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  return device;
};

/** What the person at the host answers. */
export const approvePairing = async (hub: TestHub, scope: Scope): Promise<string> => {
  const { api } = hub.host;
  const approval = await until('a pairing waits for approval', async () => {
    const { approvals } = await api.pendingApprovals();
    return approvals.find((one) => one.kind === 'pairing');
  });
  await api.approve({ params: { id: approval.id }, body: { scope } });
  return approval.detail.shortCode;
};
