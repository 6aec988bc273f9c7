/** Waits for what was just begun to show itself. */
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 100;

/** Whether it became true in time; it is looked at once in any case. */
export const untilTrue = async (look: () => Promise<boolean>, deadlineMs: number): Promise<boolean> => {
  const end = performance.now() + deadlineMs;
  for (;;) {
    if (await look()) return true;
    if (performance.now() > end) return false;
    await delay(pollMs);
  }
};
