/** What `navisai projects` prints (I18). */
import { expect, test } from 'vitest';
import { searchLines } from './project-lines.ts';

test('I18: a search that failed is told, and so is one that ended at its bounds', () => {
  const facts = { visited: 1, found: 0 };
  const names = new Map([['n_1', 'main']]);
  const lines = searchLines(
    [
      { ...facts, nodeId: 'n_1', state: 'done', reason: 'There is more than is looked at.' },
      { ...facts, nodeId: 'n_2', state: 'failed', reason: 'It is\u001b[2J away.' },
      { ...facts, nodeId: 'n_3', state: 'done' },
    ],
    names,
  );
  expect(lines).toEqual(['main: There is more than is looked at.', 'n_2: failed: It is\\x1b[2J away.']);
});
