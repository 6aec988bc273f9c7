/** An approval of one call is used once, whatever happens to the program in between (N12). */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpentApprovals, spentLimits } from './spent-approvals.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-spent-'));
  path = join(directory, 'approvals.journal');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const keyOf = (callId: string) => ({ sessionId: 's_test', callId });
const dayMs = 24 * 60 * 60 * 1000;

test('N12: a used approval is known to the next program, and no other one is', () => {
  using first = new SpentApprovals({ path });
  first.spend(keyOf('one'), Date.now() + dayMs);
  first.spend(keyOf('one'), Date.now() + dayMs);
  // No goodbye: the next program opens the same file.
  using second = new SpentApprovals({ path });
  expect(second.isSpent(keyOf('one'))).toBe(true);
  expect(second.isSpent(keyOf('two'))).toBe(false);
  expect(second.isSpent({ sessionId: 's_other', callId: 'one' })).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('N12: it is forgotten a day after its end, so that a clock that was set back brings none back', () => {
  let nowMs = Date.now();
  const now = (): number => nowMs;
  const end = nowMs + dayMs;
  using spent = new SpentApprovals({ path, now });
  spent.spend(keyOf('one'), end);
  nowMs = end + dayMs - 1;
  using soon = new SpentApprovals({ path, now });
  expect(soon.isSpent(keyOf('one'))).toBe(true);
  nowMs = end + dayMs + 1;
  using later = new SpentApprovals({ path, now });
  expect(later.isSpent(keyOf('one'))).toBe(false);
});

test('N12: the file and the number of entries are bounded, and above it nothing is approved', () => {
  let nowMs = Date.now();
  const limits = { ...spentLimits, maxEntries: 100 };
  using spent = new SpentApprovals({ path, limits, now: () => nowMs });
  for (let index = 0; index < 20_000; index += 1) {
    nowMs += 60 * 60 * 1000;
    spent.spend(keyOf(`call ${index}`), nowMs);
  }
  expect(statSync(path).size).toBeLessThan(512 * 1024);
  for (let index = 0; index < 70; index += 1) spent.spend(keyOf(`last ${index}`), nowMs + dayMs);
  expect(() => {
    for (let index = 0; index < 100; index += 1) spent.spend(keyOf(`too many ${index}`), nowMs + dayMs);
  }).toThrow('Too many approvals');
  expect(spent.isSpent(keyOf('last 0'))).toBe(true);
  using again = new SpentApprovals({ path, limits, now: () => nowMs });
  expect(again.isSpent(keyOf('last 69'))).toBe(true);
});

test('N12: what cannot be recorded is not done', () => {
  mkdirSync(path);
  using spent = new SpentApprovals({ path });
  expect(() => spent.isSpent(keyOf('one'))).toThrow('could not be recorded');
  expect(() => spent.spend(keyOf('one'), Date.now())).toThrow('could not be recorded');
});
