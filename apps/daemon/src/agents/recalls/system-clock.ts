/** The clocks of this computer. */
import type { Clock } from './recalls.types.ts';

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  setTimer(work, ms) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
