/** The menu of a conversation. */
import Download from '@lucide/svelte/icons/download';
import GitFork from '@lucide/svelte/icons/git-fork';
import Pencil from '@lucide/svelte/icons/pencil';
import X from '@lucide/svelte/icons/x';
import type { MenuEntry } from '../ui/menu.types.ts';

interface Choices {
  mayWrite: boolean;
  rename: () => void;
  close: () => void;
  fork: () => void;
  export: () => void;
}

export const conversationEntries = (choices: Choices): MenuEntry[] => {
  const save: MenuEntry = { kind: 'action', label: 'Export as Markdown', icon: Download, run: choices.export };
  if (!choices.mayWrite) return [save];
  return [
    { kind: 'action', label: 'Rename', icon: Pencil, run: choices.rename },
    { kind: 'action', label: 'Fork', icon: GitFork, run: choices.fork },
    save,
    { kind: 'rule' },
    { kind: 'action', label: 'Close', icon: X, isDanger: true, run: choices.close },
  ];
};
