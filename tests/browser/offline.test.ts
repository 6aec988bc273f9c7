/** Without a network the shell opens and says so; with one the application can be installed. */
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { openWebDevice, pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

test('the shell opens without a network, says that it is offline, and recovers', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  const { page, context } = device;
  await until('the service worker is in charge', () =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === 'activated'),
  );
  await context.setOffline(true);
  await page.reload();
  await device.connection('Offline').waitFor();
  await page.getByText(/This device has no network/).waitFor();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await page.goto(`${hub.origin}/settings`);
  await page.getByRole('radio', { name: 'Dark' }).waitFor({ state: 'attached' });
  await context.setOffline(false);
  await device.connection('Connected').waitFor();
});

test('a hub that is down is told as reconnecting, not as an error page', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  const { page } = device;
  await until('the service worker is in charge', () =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === 'activated'),
  );
  await hub.kill();
  await device.connection('Reconnecting').waitFor();
  await page.reload();
  await page.getByText(/Reconnecting since/).waitFor();
  await hub.start();
  await device.connection('Connected').waitFor();
});

test('the application can be installed: manifest, icons and worker satisfy the browser', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub);
  await device.goTo('/');
  await device.page.evaluate(async () => navigator.serviceWorker.ready);
  const session = await device.context.newCDPSession(device.page);
  const manifest = await session.send('Page.getAppManifest');
  expect(manifest.errors).toEqual([]);
  const { icons, name, display } = JSON.parse(manifest.data ?? '{}') as {
    icons: { src: string; sizes: string }[];
    name: string;
    display: string;
  };
  expect({ name, display }).toEqual({ name: 'Navis', display: 'standalone' });
  const statuses = await device.page.evaluate(
    (sources) => Promise.all(sources.map(async (source) => (await fetch(source)).status)),
    icons.map(({ src }) => src),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A private window is never installable; nothing else may be missing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});
