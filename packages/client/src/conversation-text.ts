/** Lays pieces of a text over each other by offset: any order, any overlap, any repetition gives the same text. */
import type { PiecedText } from './conversation.types.ts';

export const emptyText: PiecedText = { text: '', ahead: [] };

/** Pieces beyond a hole that are remembered; more are dropped, since what is kept comes again. */
const maxAhead = 256;

/** The same object when the piece brings nothing new. */
export const layPiece = (whole: PiecedText, piece: { offset: number; text: string }): PiecedText => {
  const known = whole.text.length;
  if (piece.text === '' || piece.offset + piece.text.length <= known) return whole;
  if (piece.offset > known) return { text: whole.text, ahead: remember(whole.ahead, piece) };
  const text = whole.text + (piece.offset === known ? piece.text : piece.text.slice(known - piece.offset));
  return whole.ahead.length === 0 ? { text, ahead: whole.ahead } : joinAhead(text, whole.ahead);
};

const remember = (ahead: PiecedText['ahead'], piece: { offset: number; text: string }): PiecedText['ahead'] => {
  const known = ahead.find(({ offset }) => offset === piece.offset);
  if (known !== undefined && known.text.length >= piece.text.length) return ahead;
  const others = ahead.filter(({ offset }) => offset !== piece.offset);
  return [...others, { offset: piece.offset, text: piece.text }]
    .toSorted((a, b) => a.offset - b.offset)
    .slice(0, maxAhead);
};

const joinAhead = (start: string, ahead: PiecedText['ahead']): PiecedText => {
  let text = start;
  let next = 0;
  for (const piece of ahead) {
    if (piece.offset > text.length) break;
    text += piece.text.slice(text.length - piece.offset);
    next += 1;
  }
  return { text, ahead: ahead.slice(next) };
};
