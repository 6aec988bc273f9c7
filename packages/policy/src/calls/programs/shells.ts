/** Shells by their words: a text for them was judged by itself, a file is not read here (A1). */
import { readShellCall } from '../../consequences.ts';
import { otherShells, readableShells } from '../../wrappers.ts';
import { finding } from '../words.ts';
import type { Judge } from '../words.ts';

export const isShell = (name: string): boolean => readableShells.has(name) || otherShells.has(name);

export const judgeShell: Judge = ({ name, args, texts }) => {
  const call = readableShells.has(name) ? readShellCall(args) : null;
  const isJudged =
    call === null
      ? texts.every((text) => /^-[il]$/.test(text ?? ''))
      : call.kind === 'clear' && (call.takesText || call.readsInput);
  return isJudged ? [] : [finding('unknown', name, `${name} runs a script; what is in it is not read here.`)];
};
