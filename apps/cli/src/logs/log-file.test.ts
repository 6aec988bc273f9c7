import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createColors } from 'picocolors';
import { followLog, readLogTail } from './log-file.ts';
import { formatLogLine } from './log-line.ts';

let home = '';
const log = (): string => join(home, 'logs', 'hub.log');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'navis-logs-'));
  mkdirSync(join(home, 'logs'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('I12: the last lines come from the newest file, then from older ones', async () => {
  writeFileSync(`${log()}.1`, 'one\ntwo\n');
  writeFileSync(log(), 'three\nfour\nunfinis');
  expect((await readLogTail(log(), 3))?.lines).toEqual(['two', 'three', 'four']);
  expect((await readLogTail(log(), 100))?.lines).toEqual(['one', 'two', 'three', 'four']);
});

test('I12: without a log there is nothing to show', async () => {
  expect(await readLogTail(log(), 10)).toBeUndefined();
});

test('I12: following shows every line once, through the rotation of the file', async () => {
  writeFileSync(log(), 'a\nb');
  const tail = await readLogTail(log(), 10);
  const shown = [...(tail?.lines ?? [])];
  const stop = new AbortController();
  const following = followLog({ path: log(), tail, show: (line) => shown.push(line), signal: stop.signal });
  appendFileSync(log(), 'b\nc\n');
  await expect.poll(() => shown).toEqual(['a', 'bb', 'c']);
  appendFileSync(log(), 'd\n');
  renameSync(log(), `${log()}.1`);
  writeFileSync(log(), 'e\n');
  await expect.poll(() => shown).toEqual(['a', 'bb', 'c', 'd', 'e']);
  stop.abort();
  await following;
});

test('I12: lines are shown with time, level, message and fields, escaped', () => {
  const plain = createColors(false);
  const line = JSON.stringify({ level: 'warn', time: '2026-01-01T00:00:00.000Z', terminalId: 't_1', msg: 'x\x1b[2J' });
  expect(formatLogLine(line, plain)).toBe('2026-01-01T00:00:00.000Z warn  x\\x1b[2J terminalId=t_1');
  expect(formatLogLine('not json\x07', plain)).toBe('not json\\x07');
});
