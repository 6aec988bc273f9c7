/** What axe finds on a page as it is now. */
import AxeBuilder from '@axe-core/playwright';
import type { WebDevice } from './web-device.fixture.ts';

export const axeFaults = async (device: WebDevice): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page: device.page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
};
