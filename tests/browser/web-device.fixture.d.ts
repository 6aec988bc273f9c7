/** A browser that a person uses: paired by link and approval, driven by what is seen and named on the page. */
import type { Scope, TerminalInfo } from '@navisai/protocol';
import type { TestHub } from '@navisai/testkit';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
export declare const phone: BrowserContextOptions;
export declare const desktop: BrowserContextOptions;
export interface WebDeviceOptions extends BrowserContextOptions {
  name?: string;
  scope?: Scope;
  /** Terminals as text, so that a test reads the screen as a screen reader does. */
  readsScreen?: boolean;
}
export declare class WebDevice implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
  /** What the page complained about; tests expect nothing. */
  readonly complaints: string[];
  constructor(context: BrowserContext, page: Page, origin: string);
  goTo(path: string): Promise<void>;
  openTerminal(terminal: Pick<TerminalInfo, 'id'>): Promise<void>;
  get stage(): import('playwright-core').Locator;
  /** How many bytes of the terminal the screen is true to. */
  offset(): Promise<number>;
  /** The rows in view, as read to a person who listens. Needs `readsScreen`. */
  rows(): Promise<string[]>;
  screen(): Promise<string>;
  /** Types on the keyboard into the terminal. */
  type(text: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
/** A new browser profile, not paired. */
export declare const openWebDevice: (
  browser: Browser,
  hub: Pick<TestHub, 'origin'>,
  options?: WebDeviceOptions,
) => Promise<WebDevice>;
/** A new browser profile, paired through its pages and approved by the host. */
export declare const pairWebDevice: (browser: Browser, hub: TestHub, options?: WebDeviceOptions) => Promise<WebDevice>;
/** What the person at the host answers. */
export declare const approvePairing: (hub: TestHub, scope: Scope) => Promise<string>;
