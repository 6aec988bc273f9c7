/** What axe finds on a page as it is now, in light and in dark. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import type { WebDevice } from './web-device.fixture.ts';

/** What follows the scheme has followed it: scripts heard of it, and nothing fades from one colour to the other. */
const settle = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const running = () =>
      document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    do {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      await Promise.allSettled(running().map(({ finished }) => finished));
    } while (running().length > 0);
  });

/** Stands for axe's own half megabyte, which the page got with the first scheme. */
const isThereAlready = 'undefined';

export const axeFaults = async ({ page }: WebDevice): Promise<string[]> => {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    const known = colorScheme === 'dark' ? { axeSource: isThereAlready } : {};
    // Pages have no frames: what is found needs no second page to be put together on.
    const { violations } = await new AxeBuilder({ page, ...known }).setLegacyMode().analyze();
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes) faults.push(`${colorScheme}: ${id} ${target} ${failureSummary}`);
  }
  return faults;
};
