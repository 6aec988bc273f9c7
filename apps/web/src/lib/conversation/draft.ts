/** What was written and not sent, kept while this browser's tab lives. */

export interface Draft {
  read(): string;
  write(text: string): void;
}

/** What was written on while `said` was on its way. */
export const writtenSince = (text: string, said: string): string =>
  text.startsWith(said) ? text.slice(said.length).trimStart() : text;

export const createDraft = (id: string): Draft => {
  const key = `navis.draft.${id}`;
  return {
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
  };
};
