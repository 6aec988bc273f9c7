/** The preferences of this device as reactive state, kept in local storage and applied to the page. */
import { clampFontSize, defaultPreferences, parsePreferences, preferencesKey } from './preferences.ts';
import type { Preferences } from './preferences.ts';

export class PreferenceStore {
  #current: Preferences = $state.raw(defaultPreferences(false));

  constructor() {
    const isPhone = matchMedia('(max-width: 640px)').matches;
    this.#current = parsePreferences(readStored(), defaultPreferences(isPhone));
  }

  get current(): Preferences {
    return this.#current;
  }

  change(change: Partial<Preferences>): void {
    this.#current = { ...this.#current, ...change };
    applyTheme(this.#current.theme);
    try {
      localStorage.setItem(preferencesKey, JSON.stringify(this.#current));
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }

  changeFontSize(by: number): void {
    this.change({ fontSize: clampFontSize(this.#current.fontSize + by) });
  }
}

const readStored = (): string | null => {
  try {
    return localStorage.getItem(preferencesKey);
  } catch {
    return null;
  }
};

const applyTheme = (theme: Preferences['theme']): void => {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
};
