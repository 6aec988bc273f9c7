/** The one line that says how everything is. */
import type { SessionWithTerminals } from '@navisai/protocol';
import { describeTerminal } from '../terminals/terminal-words.ts';

export const summarise = (sessions: readonly SessionWithTerminals[]): string => {
  const tones = sessions.flatMap(({ terminals }) => terminals.map((terminal) => describeTerminal(terminal).tone));
  if (tones.length === 0) return 'Nothing is running.';
  const count = (tone: string): number => tones.filter((candidate) => candidate === tone).length;
  const parts = [
    count('running') > 0 ? `${count('running')} running` : '',
    count('ended') > 0 ? `${count('ended')} ended` : '',
    count('failed') > 0 ? `${count('failed')} failed` : '',
  ];
  return parts.filter(Boolean).join(', ');
};
