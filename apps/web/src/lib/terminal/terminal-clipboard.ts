/** Copying from and pasting into a terminal, with words for when the browser says no. */
import type { Terminal } from '@xterm/xterm';
import type { Notices } from '../notices/notices.svelte.ts';
import { judgePaste } from './paste.ts';

export interface TerminalClipboard {
  /** Into the live terminal; asks first when lines would run by themselves. */
  paste(text: string): void;
  pasteFromSystem(): Promise<void>;
  /** The selection of the screen in view. */
  copySelection(): Promise<void>;
}

export interface ClipboardParts {
  live: () => Terminal | undefined;
  inView: () => Terminal | undefined;
  ask: (paste: { text: string; lines: number }) => void;
  notices: Notices;
}

export const createTerminalClipboard = ({ live, inView, ask, notices }: ClipboardParts): TerminalClipboard => {
  const paste = (raw: string): void => {
    const terminal = live();
    if (terminal === undefined) return;
    const verdict = judgePaste(raw, terminal.modes.bracketedPasteMode);
    if (verdict.kind === 'tooLarge') notices.show({ tone: 'bad', text: 'That is more than 1 MB; nothing was pasted.' });
    else if (verdict.kind === 'ask') ask(verdict);
    else if (verdict.kind === 'ready') terminal.paste(verdict.text);
  };
  return {
    paste,
    pasteFromSystem: async () => {
      try {
        paste(await navigator.clipboard.readText());
      } catch {
        notices.show({ tone: 'bad', text: 'The browser did not allow reading the clipboard.' });
      }
    },
    copySelection: async () => {
      const text = inView()?.getSelection() ?? '';
      if (text === '') return;
      try {
        await navigator.clipboard.writeText(text);
        notices.show({ tone: 'good', text: 'Copied.' });
      } catch {
        notices.show({ tone: 'bad', text: 'The browser did not allow copying.' });
      }
    },
  };
};
