/** What the hub does every few seconds: looks after its store and after approvals that nobody decided (I17, I14). */
import type { HubServices } from '../create-hub.ts';

const everyMs = 5000;
/** While something is wrong with the store. */
const everyMsWhenDegraded = 1000;

export interface UpkeepParts {
  services: HubServices;
  /** Reads what was read at the start, from a store that was opened (again). */
  load(): Promise<void>;
  now: () => number;
}

/** Tells every change of the hub's health to those who listen. Runs until disposed. */
export const startUpkeep = ({ services, load, now }: UpkeepParts): Disposable => {
  const { hub, keeper, feed, approvals, agents } = services;
  let isDisposed = false;
  let timer: NodeJS.Timeout | undefined;
  let health = JSON.stringify(hub.status().problems);

  const look = async (): Promise<void> => {
    const before = keeper.problem();
    const wasReadable = before?.kind !== 'unreadable';
    await keeper.check();
    const isReadable = keeper.problem()?.kind !== 'unreadable';
    if (isReadable && !wasReadable) await load();
    if (keeper.problem() === undefined) await approvals.expire();
    if (before !== undefined && keeper.problem() === undefined) await agents.start();
    const present = JSON.stringify(hub.status().problems);
    if (present === health || isDisposed) return;
    health = present;
    hub.log.warn({ problems: hub.status().problems }, 'health of the store changed');
    feed.publish('hub', { type: 'daemon.status', data: hub.status(), timestamp: new Date(now()).toISOString() });
  };

  const schedule = (): void => {
    if (isDisposed) return;
    timer = setTimeout(
      () =>
        void look()
          .catch((error: unknown) => hub.log.error({ err: error }, 'upkeep failed'))
          .finally(schedule),
      keeper.problem() === undefined ? everyMs : everyMsWhenDegraded,
    );
  };
  schedule();
  return {
    [Symbol.dispose]() {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
};
