/** Behaviour of stored preferences. */
import { expect, test } from 'vitest';
import { clampFontSize, defaultPreferences, parsePreferences } from './preferences.ts';

const defaults = defaultPreferences(false);

test('what is stored comes back', () => {
  const chosen = { ...defaults, theme: 'dark', fontSize: 18, keyBar: 'never' } as const;
  expect(parsePreferences(JSON.stringify(chosen), defaults)).toEqual(chosen);
});

test.each([null, '', '{', '[]', 'null', '7', '{"theme":"purple","fontSize":"big","keyBar":3,"__proto__":{"x":1}}'])(
  'whatever else is stored gives the defaults (%s)',
  (text) => expect(parsePreferences(text, defaults)).toEqual(defaults),
);

test('font sizes stay readable and on the screen', () => {
  expect([1, 12.4, 400].map(clampFontSize)).toEqual([9, 12, 28]);
});
