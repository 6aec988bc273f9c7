/** Whether the page is dark at present: by choice, else by the system. */
import type { PreferenceStore } from '../preferences/preferences.svelte.ts';

export class PageTheme implements Disposable {
  readonly #preferences: PreferenceStore;
  readonly #query = matchMedia('(prefers-color-scheme: dark)');
  #isSystemDark = $state(this.#query.matches);
  readonly #update = (): void => {
    this.#isSystemDark = this.#query.matches;
  };

  constructor(preferences: PreferenceStore) {
    this.#preferences = preferences;
    this.#query.addEventListener('change', this.#update);
  }

  get isDark(): boolean {
    const { theme } = this.#preferences.current;
    return theme === 'system' ? this.#isSystemDark : theme === 'dark';
  }

  [Symbol.dispose](): void {
    this.#query.removeEventListener('change', this.#update);
  }
}
