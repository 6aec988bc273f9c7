/** W1: the PWA: JavaScript before the first screen, and a cold start to a usable terminal on a throttled phone. */
import { gzipSync } from 'node:zlib';
import { createSession, openTerminal, startHub } from '@navisai/testkit';
import { launchTrustedBrowser } from '../../tests/browser/trusted-browser.fixture.ts';
import { pairWebDevice, phone } from '../../tests/browser/web-device.fixture.ts';
import type { WebDevice } from '../../tests/browser/web-device.fixture.ts';
import { median } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

/** A mid-range phone on a good mobile network. */
const slowCpuRate = 4;
const network = {
  offline: false,
  latency: 40,
  downloadThroughput: (10 * 1024 * 1024) / 8,
  uploadThroughput: (5 * 1024 * 1024) / 8,
};
const maxScriptBytes = 120 * 1024;
const liveDeadlineMs = 30_000;

/** Scripts that `go` loads until `isShown`, compressed as they travel. */
const scriptBytes = async (device: WebDevice, go: () => Promise<void>): Promise<number> => {
  const bodies: Promise<number>[] = [];
  device.page.on('response', (response) => {
    if (response.request().resourceType() === 'script')
      bodies.push(
        response.body().then(
          (body) => gzipSync(body, { level: 9 }).length,
          // A redirect has none.
          () => 0,
        ),
      );
  });
  await go();
  return (await Promise.all(bodies)).reduce((sum, bytes) => sum + bytes, 0);
};

const forgetCaches = async (device: WebDevice): Promise<void> => {
  await device.page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  });
};

const coldStart = async (device: WebDevice, path: string): Promise<number> => {
  await forgetCaches(device);
  const page = await device.context.newPage();
  const session = await device.context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  await session.send('Network.emulateNetworkConditions', network);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowCpuRate });
  const start = performance.now();
  await page.goto(device.origin + path, { waitUntil: 'commit' });
  await page.locator('[data-phase="live"]').waitFor({ timeout: liveDeadlineMs });
  const elapsed = performance.now() - start;
  await page.close();
  return elapsed;
};

export const w1Web: BenchRow = {
  id: 'W1',
  what: 'PWA: JavaScript before the first screen; cold start to a usable terminal on a throttled phone',
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startHub();
    const browser = await launchTrustedBrowser(hub);
    try {
      await using device = await pairWebDevice(browser, hub, phone);
      const { api } = hub.host;
      const terminal = await openTerminal(api, {
        sessionId: await createSession(api),
        name: 'bench',
        command: 'seq 1 500; read end',
      });
      await forgetCaches(device);
      const scripts = await scriptBytes(device, async () => {
        await device.goTo('/');
        await device.page.getByRole('heading', { name: 'Terminals', exact: true }).waitFor();
      });
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) times.push(await coldStart(device, `/terminal/${terminal.id}`));
      const start = median(times);
      return [
        {
          what: 'JavaScript before the first screen, gzip',
          unit: 'KB',
          ours: scripts / 1024,
          peers: {},
          goal: 'at most 120 KB (stretch 80)',
          met: scripts <= maxScriptBytes,
        },
        {
          what: 'cold start to a live terminal, p50',
          unit: 'ms',
          ours: start,
          peers: {},
          goal: 'at most 2000 ms (stretch 1200)',
          met: start <= 2000,
        },
      ];
    } finally {
      await browser.close();
    }
  },
};
