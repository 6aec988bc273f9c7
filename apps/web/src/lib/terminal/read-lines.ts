/** The lines of a terminal as a person would copy them: wrapped lines joined, nothing behind their end. */
import type { Terminal } from '@xterm/xterm';

/** The last `maxLines` of the screen and what is above it, without empty ones at the end. */
export const readLines = ({ buffer }: Pick<Terminal, 'buffer'>, maxLines: number): string[] => {
  const { active } = buffer;
  const lines: string[] = [];
  for (let y = Math.max(0, active.length - maxLines); y < active.length; y += 1) {
    const line = active.getLine(y);
    const isContinued = active.getLine(y + 1)?.isWrapped ?? false;
    const text = line?.translateToString(!isContinued) ?? '';
    if (line?.isWrapped === true && lines.length > 0) lines.push((lines.pop() ?? '') + text);
    else lines.push(text);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
};
