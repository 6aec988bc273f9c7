/** How tall an item may be before it was drawn: near enough that the scroll bar does not jump. */
import type { ConversationItem } from '@navisai/client';

const lineHeight = 24;
const charactersPerLine = 85;

export const guessHeight = (item: ConversationItem | undefined): number => {
  switch (item?.kind) {
    case 'message':
      return 46 + linesOf(item.message.text) * lineHeight;
    case 'text':
      return 18 + linesOf(item.body.text) * lineHeight;
    case 'call':
      return 52 + item.children.length * 34;
    case 'thinking':
      return 40;
    case 'plan':
      return 60 + item.entries.length * 26;
    case 'notice':
      return item.notice === 'command' ? Math.min(420, 32 + item.text.split('\n').length * 20) : 32;
    default:
      return 40;
  }
};

const linesOf = (text: string): number =>
  text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / charactersPerLine)), 0);
