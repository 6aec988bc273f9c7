/** Behaviour of messages that the hub has not answered yet. */
import { expect, test } from 'vitest';
import type { Draft } from './draft.ts';
import { Unsent } from './unsent.ts';

const memory = (): Draft => {
  let kept = '';
  return { read: () => kept, write: (text) => void (kept = text) };
};
const saying = { sessionId: 's_1', text: 'add 1\nto it', attachments: ['f_1'] };

test('A3, N9: the same keeps its id until the hub has it, also on a page that was loaded anew', () => {
  const tab = memory();
  const unsent = new Unsent(tab);
  const id = unsent.idFor(saying);
  expect(unsent.idFor({ ...saying })).toBe(id);
  const later = new Unsent(tab);
  expect(later.id).toBe(id);
  expect(later.idFor(saying)).toBe(id);
  later.clear();
  expect(later.idFor(saying)).not.toBe(id);
  later.clear();
  expect(new Unsent(tab).id).toBeUndefined();
});

test('A3: another text, file, place or message to replace is another message', () => {
  const changes = [{ text: 'add 2' }, { attachments: [] }, { sessionId: 's_2' }, { replaces: 'm_1' }];
  for (const change of changes) {
    const unsent = new Unsent();
    const id = unsent.idFor(saying);
    const other = { ...saying, ...change };
    expect(unsent.isFor(other)).toBe(false);
    expect(unsent.idFor(other), JSON.stringify(change)).not.toBe(id);
  }
});
