/** Keys that the page keeps for itself; every other key belongs to the program. */

export type TerminalShortcut = 'copy' | 'paste' | 'search' | 'selectText' | 'scrollUp';

interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** With Command on a Mac, with Control and Shift elsewhere, as in other terminals. */
export const judgeShortcut = (event: Key, hasSelection: boolean): TerminalShortcut | undefined => {
  if (event.altKey) return undefined;
  if (event.shiftKey && !event.ctrlKey && !event.metaKey) {
    if (event.key === 'PageUp') return 'scrollUp';
    return event.key === 'Insert' ? 'paste' : undefined;
  }
  const isMacCommand = event.metaKey && !event.ctrlKey;
  const isControlShift = event.ctrlKey && event.shiftKey && !event.metaKey;
  if (!isMacCommand && !isControlShift) return undefined;
  switch (event.key.toLowerCase()) {
    case 'c':
      return hasSelection || isControlShift ? 'copy' : undefined;
    case 'v':
      return 'paste';
    case 'f':
      return 'search';
    default:
      return undefined;
  }
};
