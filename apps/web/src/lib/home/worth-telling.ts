/** Which notices a person should still see: what happened without anybody's doing, while it matters (T25). */
import type { HomeNotice } from '@navisai/client';

/** A terminal about to be closed for being idle is closed within this time, or is active again. */
const warningMs = 6 * 60_000;
const newsMs = 12 * 60 * 60_000;

/** Newest first. What a person or a program closed on purpose is no news. */
export const worthTelling = (
  notices: readonly HomeNotice[],
  facts: { now: number; openIds: ReadonlySet<string> },
): HomeNotice[] =>
  notices
    .filter((notice) => {
      const age = facts.now - Date.parse(notice.timestamp);
      if (notice.change === 'terminal.idle_warning') return age < warningMs && facts.openIds.has(notice.terminalId);
      return age < newsMs && /inactivity|while the hub was away/.test(notice.reason);
    })
    .toReversed();
