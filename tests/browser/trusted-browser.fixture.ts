/** A real Chromium whose profile trusts the hub's CA through its own trust store, as `navisai trust` sets it up (I3). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programFile, type TestHub } from '@navisai/testkit';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const chromiumFile = process.env['NAVIS_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const trustDeadlineMs = 60_000;
const launchDeadlineMs = 60_000;

/** Closed by whoever opens it. */
export const launchTrustedBrowser = async (hub: TestHub): Promise<Browser> => {
  const environment = hub.environment();
  const words = [programFile('cli'), 'trust', '--no-system'];
  await promisify(execFile)(process.execPath, words, { env: environment, timeout: trustDeadlineMs });
  return chromium.launch({
    executablePath: chromiumFile,
    args: chromiumFlags,
    env: environment,
    timeout: launchDeadlineMs,
  });
};
