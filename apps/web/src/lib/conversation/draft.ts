/** What was written and not sent, kept while this browser's tab lives. */

export interface Draft {
  read(): string;
  write(text: string): void;
}

/** What was written on while `said` was on its way. */
export const writtenSince = (text: string, said: string): string =>
  text.startsWith(said) ? text.slice(said.length).trimStart() : text;

export const createDraft = (id: string): Draft => inTab(`navis.draft.${id}`);

/** A text that this browser's tab keeps, also when the page is loaded anew. */
export const inTab = (key: string): Draft => ({
  read: () => {
    try {
      return sessionStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  },
  write: (text) => {
    try {
      if (text === '') sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, text);
    } catch {
      // A full or forbidden storage only means that nothing is remembered.
    }
  },
});
