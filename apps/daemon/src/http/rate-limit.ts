/** Token buckets in bounded memory: how often somebody may do something (I10, I14). */
import { NavisError } from '@navisai/protocol';

export interface RateLimit {
  /** At once. */
  burst: number;
  perSecond: number;
}

export interface RateLimiter {
  /** Throws NavisError RATE_LIMITED with `details.retryAfter` in seconds. */
  take(key: string): void;
  /** Throws like `take`, and takes nothing. */
  require(key: string): void;
}

/** Beyond it the bucket that was used longest ago is forgotten, as if it were full again. */
const maxBuckets = 10_000;

export const createRateLimiter = (limit: RateLimit, now: () => number = () => performance.now()): RateLimiter => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const tokensOf = (key: string, at: number): number => {
    const before = buckets.get(key) ?? { tokens: limit.burst, at };
    return Math.min(limit.burst, before.tokens + ((at - before.at) / 1000) * limit.perSecond);
  };
  const refused = (tokens: number): NavisError => tooMany(Math.ceil((1 - tokens) / limit.perSecond));
  return {
    require(key) {
      const tokens = tokensOf(key, now());
      if (tokens < 1) throw refused(tokens);
    },
    take(key) {
      const at = now();
      const tokens = tokensOf(key, at);
      // Deleted first, so that the map's order is the order of use.
      buckets.delete(key);
      buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      const oldest = buckets.size > maxBuckets ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      if (tokens < 1) throw refused(tokens);
    },
  };
};

export const tooMany = (retryAfterSeconds: number): NavisError =>
  new NavisError('RATE_LIMITED', undefined, { details: { retryAfter: retryAfterSeconds } });
