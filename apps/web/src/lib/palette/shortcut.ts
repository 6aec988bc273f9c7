/** The keys that open the palette, and how they are written on this machine. */

const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

export const commandKeyLabel = (): string => (isMac() ? '⌘ K' : 'Ctrl K');

export interface KeyFacts {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** Inside a terminal plain Ctrl-K belongs to the shell; there Ctrl-Shift-K or Cmd-K opens the palette. */
export const opensPalette = (event: KeyFacts, isInTerminal: boolean): boolean => {
  if (event.key.toLowerCase() !== 'k' || event.altKey) return false;
  if (event.metaKey) return !event.ctrlKey;
  return event.ctrlKey && (event.shiftKey || !isInTerminal);
};
