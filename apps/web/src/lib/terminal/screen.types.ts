/** The part of xterm.js that the terminal's state needs; it also runs without a page. */
import type { Terminal } from '@xterm/xterm';

export type Screen = Pick<
  Terminal,
  'write' | 'reset' | 'resize' | 'parser' | 'onData' | 'onBinary' | 'buffer' | 'modes' | 'options' | 'cols' | 'rows'
>;

export interface Size {
  columns: number;
  rows: number;
}
