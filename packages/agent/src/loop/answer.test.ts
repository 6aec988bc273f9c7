/** How pieces of an answer become its parts. */
import { expect, test } from 'vitest';
import type { ModelEvent } from '../agent.types.ts';
import { Answer } from './answer.ts';

const partsOf = (events: readonly ModelEvent[]) => {
  let parts = 0;
  const answer = new Answer({ nextPart: () => parts++, request: { newCallId: () => 'c_0000' } } as never);
  for (const event of events) answer.take(event);
  return answer.parts();
};

test('A4: thoughts keep their own marks, also where the second is redacted and has no text', () => {
  const [first, second] = [{ signature: 'one' }, { redacted: 'two' }];
  const thoughts: ModelEvent[] = [
    { type: 'thinking', text: 'Let me ' },
    { type: 'thinking', text: 'see.' },
    { type: 'thinking', text: '', provider: first },
    { type: 'thinking', text: '', provider: second },
    { type: 'text', text: 'Yes.' },
  ];
  expect(partsOf(thoughts)).toEqual([
    { type: 'thinking', text: 'Let me see.', provider: first },
    { type: 'thinking', text: '', provider: second },
    { type: 'text', text: 'Yes.' },
  ]);
});

test('A4: a mark that comes with every piece makes no new part', () => {
  const provider = { id: 'same' };
  const pieces: ModelEvent[] = ['a', 'b'].map((text) => ({ type: 'thinking', text, provider }));
  expect(partsOf(pieces)).toEqual([{ type: 'thinking', text: 'ab', provider }]);
});
