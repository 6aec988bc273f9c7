/** The title of a conversation from how it begins. */

const maxLength = 60;

export const titleFrom = (text: string): string => {
  const line =
    text
      .trim()
      .split('\n', 1)[0]
      ?.replaceAll(/^[#>*\s-]+/g, '')
      .replaceAll(/\s+/g, ' ') ?? '';
  if (line === '') return 'Conversation';
  if (line.length <= maxLength) return line;
  const cut = line.slice(0, maxLength);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), maxLength / 2))}…`;
};
