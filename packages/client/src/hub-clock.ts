/** The hub's time as far as this client knows it: signatures carry it (I13, CLOCK_SKEW). */

export interface HubClock {
  now(): number;
  /** Takes over the hub's time. Returns whether that changed anything worth a retry. */
  adopt(serverTime: string): boolean;
}

/** Below this, adopting again would change nothing. */
const worthwhileMs = 1_000;

export const createHubClock = (localNow: () => number = Date.now): HubClock => {
  let offsetMs = 0;
  return {
    now: () => localNow() + offsetMs,
    adopt: (serverTime) => {
      const parsed = Date.parse(serverTime);
      if (Number.isNaN(parsed)) return false;
      const difference = parsed - localNow() - offsetMs;
      offsetMs += difference;
      return Math.abs(difference) >= worthwhileMs;
    },
  };
};
