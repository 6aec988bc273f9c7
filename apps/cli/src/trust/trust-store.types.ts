/** One place where programs look up whom to trust, and what became of a wish to change it. */
import type { Authority } from './authority.ts';

export type TrustState =
  /** Written now, and found there afterwards. */
  | 'added'
  | 'already'
  | 'removed'
  | 'absent'
  /** Not ours to write (needs root) or not there; `remedy` says how to do it by hand where that makes sense. */
  | 'skipped'
  | 'failed';

export interface TrustOutcome {
  /** Such as `system store` or `Firefox profile x`. */
  title: string;
  location: string;
  state: TrustState;
  detail?: string | undefined;
  /** A command or sentence for what remains. */
  remedy?: string | undefined;
}

/** Each method leaves the store as it was when it fails, and never throws. */
export interface TrustStore {
  /** `already`, `absent`, or `skipped` when it does not exist; changes nothing. */
  check(authority: Authority): Promise<TrustOutcome>;
  add(authority: Authority): Promise<TrustOutcome>;
  /** Takes out exactly this CA. */
  remove(authority: Authority): Promise<TrustOutcome>;
}
