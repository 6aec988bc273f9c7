/** A hub whose store cannot be read is told as such, with what to do about it (I17). */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

test('I17: a damaged store shows as degraded, says what to do, and is over when it is repaired', async () => {
  const { hub, browser } = place;
  await using device = await pairWebDevice(browser, hub);
  const folder = join(hub.home, 'store');
  await hub.kill();
  await rename(folder, `${folder}-kept`);
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, 'navis.db'), 'this is no database'.repeat(1000));
  await hub.start();
  await device.connection('Degraded').waitFor();
  await device.page.getByText('The hub answers, but part of it does not work.').waitFor();
  await device.page
    .getByText(/affects/)
    .first()
    .waitFor();
  await hub.kill();
  await rm(folder, { recursive: true });
  await rename(`${folder}-kept`, folder);
  await hub.start();
  await device.connection('Connected').waitFor();
});
