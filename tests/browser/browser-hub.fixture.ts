/** One hub and one trusting browser for all tests of a file. */
import { startHub } from '@navisai/testkit';
import type { TestHub, TestHubOptions } from '@navisai/testkit';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchTrustedBrowser } from './trusted-browser.fixture.ts';

export interface BrowserHub {
  readonly hub: TestHub;
  readonly browser: Browser;
}

export const useBrowserHub = (options: TestHubOptions = {}): BrowserHub => {
  let hub: TestHub | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    hub = await startHub(options);
    browser = await launchTrustedBrowser(hub);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.[Symbol.asyncDispose]();
  });
  return {
    get hub() {
      if (hub === undefined) throw new Error('the hub did not start');
      return hub;
    },
    get browser() {
      if (browser === undefined) throw new Error('the browser did not start');
      return browser;
    },
  };
};
