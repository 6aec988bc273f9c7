/** Behaviour of output as text, and of durations. */
import { expect, test } from 'vitest';
import { lastLines, plainOutput } from './plain-output.ts';
import { formatTook } from './took.ts';

test('issue 6: output is shown without colours, titles and bells, and as it was overwritten', () => {
  expect(plainOutput('\u001b[32mgreen\u001b[0m \u001b]0;title\u0007text\u0007')).toBe('green text');
  expect(plainOutput('10 %\r50 %\r100 %\r\ndone')).toBe('100 %\ndone');
  expect(plainOutput('long line\rshort')).toBe('shortline');
  expect(lastLines('a\nb\nc\n\n', 2)).toBe('b\nc');
});

test('issue 6: how long something took is told with what matters', () => {
  expect([0, 84.6, 1234, 48_400, 185_000].map(formatTook)).toEqual(['0 ms', '85 ms', '1.2 s', '48 s', '3 min 05 s']);
});
