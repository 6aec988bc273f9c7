/** What every component may ask for, handed down by the root layout. */
import { createContext } from 'svelte';
import type { Identity } from '../device/identity.svelte.ts';
import type { Hub } from '../hub/hub.svelte.ts';
import type { Notices } from '../notices/notices.svelte.ts';
import type { PreferenceStore } from '../preferences/preferences.svelte.ts';
import type { Ticker } from '../time/ticker.svelte.ts';

export interface Application {
  readonly identity: Identity;
  readonly preferences: PreferenceStore;
  readonly notices: Notices;
  readonly ticker: Ticker;
  /** Absent until this browser is paired. */
  readonly hub: Hub | undefined;
}

export const [useApplication, provideApplication] = createContext<Application>();

/** For pages that are only shown on a paired device. */
export const [useHub, provideHub] = createContext<Hub>();
