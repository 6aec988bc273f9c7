/** Judges what is about to be pasted: commands hidden in it must not run by themselves. */
import { maxInputBytes } from '@navisai/protocol';

export type PasteVerdict =
  | { kind: 'empty' }
  | { kind: 'tooLarge' }
  | { kind: 'ready'; text: string }
  /** Several lines into a program that runs each at once. */
  | { kind: 'ask'; text: string; lines: number };

/** Escape sequences could end a bracketed paste early; nothing that is pasted needs control characters. */
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

export const judgePaste = (raw: string, isBracketed: boolean): PasteVerdict => {
  if (raw.length > maxInputBytes) return { kind: 'tooLarge' };
  const text = raw.replaceAll(controls, '');
  if (text === '') return { kind: 'empty' };
  if (new TextEncoder().encode(text).length > maxInputBytes) return { kind: 'tooLarge' };
  const lines = text.trimEnd().split(/\r\n|\r|\n/).length;
  return lines > 1 && !isBracketed ? { kind: 'ask', text, lines } : { kind: 'ready', text };
};
