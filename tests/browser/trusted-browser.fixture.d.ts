import type { TestHub } from '@navisai/testkit';
import type { Browser } from 'playwright-core';
/** Closed by whoever opens it. */
export declare const launchTrustedBrowser: (hub: TestHub) => Promise<Browser>;
