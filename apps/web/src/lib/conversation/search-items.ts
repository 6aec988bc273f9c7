/** Finds text in everything that was said and done in a conversation. */
import type { ConversationItem } from '@navisai/client';

/** What can be found of an item. */
export const textOfItem = (item: ConversationItem | undefined): string => {
  switch (item?.kind) {
    case 'message':
      return item.message.text;
    case 'text':
    case 'thinking':
      return item.body.text;
    case 'call':
      return `${item.arguments.text}\n${item.result?.text ?? ''}`;
    case 'notice':
      return item.text;
    case 'plan':
      return item.entries.map(({ content }) => content).join('\n');
    default:
      return '';
  }
};

/** Keys of the items with this text in them, in order; upper and lower case are the same. */
export const findItems = (
  keys: readonly string[],
  text: string,
  itemOf: (key: string) => ConversationItem | undefined,
): string[] => {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return keys.filter((key) => textOfItem(itemOf(key)).toLowerCase().includes(wanted));
};
