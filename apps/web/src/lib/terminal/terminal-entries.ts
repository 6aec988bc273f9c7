/** What the menu of a terminal page offers. */
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import ClipboardPaste from '@lucide/svelte/icons/clipboard-paste';
import Copy from '@lucide/svelte/icons/copy';
import Search from '@lucide/svelte/icons/search';
import Trash from '@lucide/svelte/icons/trash';
import ZoomIn from '@lucide/svelte/icons/zoom-in';
import ZoomOut from '@lucide/svelte/icons/zoom-out';
import type { MenuEntry } from '../ui/menu.types.ts';

export interface TerminalActions {
  search: () => void;
  selectText: () => void;
  paste: () => void;
  history: () => void;
  changeFontSize: (by: number) => void;
  close: () => void;
  /** Nothing can be typed any more. */
  isOver: boolean;
  mayClose: boolean;
}

export const terminalEntries = (actions: TerminalActions): MenuEntry[] => [
  { kind: 'action', label: 'Search', icon: Search, run: actions.search },
  { kind: 'action', label: 'Select text', icon: Copy, run: actions.selectText },
  { kind: 'action', label: 'Paste', icon: ClipboardPaste, run: actions.paste, isDisabled: actions.isOver },
  { kind: 'action', label: 'Older output', icon: ArrowUp, run: actions.history },
  { kind: 'rule' },
  { kind: 'action', label: 'Larger text', icon: ZoomIn, run: () => actions.changeFontSize(1) },
  { kind: 'action', label: 'Smaller text', icon: ZoomOut, run: () => actions.changeFontSize(-1) },
  ...(actions.mayClose
    ? ([
        { kind: 'rule' },
        { kind: 'action', label: 'Close terminal', icon: Trash, isDanger: true, run: actions.close },
      ] as const)
    : []),
];
