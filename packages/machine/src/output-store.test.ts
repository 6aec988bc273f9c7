import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutputStore } from './output-store.ts';
import { CallRecordWriter, recordPathOf, type CallResult, type StoredStream } from './run/call-record.ts';
import { RecordPool } from './run/record-pool.ts';

let directory = '';
let store: OutputStore;
let records: RecordPool;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-outputs-'));
  store = new OutputStore(directory);
  records = new RecordPool(join(directory, 'prepared'));
});
afterEach(() => {
  records.close();
  rmSync(directory, { recursive: true });
});

const whole = (text: string): StoredStream => ({
  totalBytes: text.length,
  headBytes: text.length,
  tailFrom: text.length,
});

interface Kept {
  callId: string;
  stdout?: string;
  stderr?: string;
  stored?: StoredStream;
  ageMs?: number;
}

const keep = ({ callId, stdout = '', stderr = '', stored, ageMs = 0 }: Kept): CallResult => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const command = { file: 'sh', args: [], workingDirectory: '/', timeoutMs: 1000 };
  const facts = { callId, sessionId: 's', ...command, startedAt, hostId: 'run-x', bootId: 'b' };
  const record = CallRecordWriter.create({ records, callsDirectory: directory, facts });
  const result: CallResult = {
    end: { kind: 'ended', exitCode: 0, signal: null },
    endedAt: '2026-01-01T00:00:01.000Z',
    stdout: stored ?? whole(stdout),
    stderr: whole(stderr),
    warnings: [],
  };
  record.writeResult(result);
  record.close();
  writeFileSync(join(directory, `${callId}.stdout`), stdout);
  if (stderr !== '') writeFileSync(join(directory, `${callId}.stderr`), stderr);
  const at = new Date(Date.now() - ageMs);
  utimesSync(recordPathOf(directory, callId), at, at);
  return result;
};

const readAll = (callId: string, result: CallResult, maxBytes: number): string => {
  let all = '';
  for (let from = 0; ;) {
    const { offset, bytes, endOffset } = store.read(callId, result, { from, maxBytes });
    all += Buffer.from(bytes).toString();
    from = offset + bytes.length;
    if (from >= endOffset) return all;
  }
};

test('T3: an output is one text: stdout, then stderr under its heading, in pages of any size', () => {
  const both = keep({ callId: 'both', stdout: 'one\ntwo\n', stderr: 'bad\n' });
  const errors = keep({ callId: 'errors', stderr: 'bad\n' });
  const none = keep({ callId: 'none' });
  for (const maxBytes of [1, 3, 1000]) {
    expect(readAll('both', both, maxBytes)).toBe('one\ntwo\n\n[stderr]\nbad\n');
    expect(readAll('errors', errors, maxBytes)).toBe('[stderr]\nbad\n');
    expect(readAll('none', none, maxBytes)).toBe('');
  }
  expect(store.read('both', both, { from: 4, maxBytes: 2 })).toMatchObject({ offset: 4, endOffset: 22 });
  expect(store.read('both', both, { from: 99, maxBytes: 2 })).toEqual({
    offset: 22,
    bytes: Buffer.alloc(0),
    endOffset: 22,
  });
});

test('T3: lost bytes keep their offsets, with a mark at the first of them', () => {
  const stored = { totalBytes: 1010, headBytes: 5, tailFrom: 1000 };
  const stdout = `head-${' '.repeat(995)}the-tail-!`;
  const result = keep({ callId: 'lossy', stdout, stderr: 'e\n', stored });
  expect(readAll('lossy', result, 7)).toBe('head-\n[995 bytes are not kept]\nthe-tail-!\n[stderr]\ne\n');
  expect(store.read('lossy', result, { from: 500, maxBytes: 100 })).toMatchObject({ offset: 1000 });
});

test('T3: a dropped output says so, and its outcome still tells the end', () => {
  const result = keep({ callId: 'dropped', stdout: 'x'.repeat(2000) });
  rmSync(join(directory, 'dropped.stdout'));
  expect(readAll('dropped', result, 100)).toBe('\n[2000 bytes are not kept]\n');
  const ended = store.ended('dropped');
  expect(ended).not.toBeNull();
  if (ended === null) return;
  const { end, stdout } = store.outcome(ended);
  expect([end.kind, stdout.totalBytes, stdout.head.length, stdout.tail.length]).toEqual(['ended', 2000, 0, 0]);
});

test('T3: outputs that are too old, too many or too large together are dropped, oldest first', async () => {
  const day = 24 * 60 * 60 * 1000;
  keep({ callId: 'ancient', stdout: 'a'.repeat(1000), ageMs: 8 * day });
  for (const [index, callId] of ['third', 'second', 'first'].entries()) {
    keep({ callId, stdout: 'b'.repeat(50_000), ageMs: (3 - index) * 1000 });
  }
  await store.sweep({ totalBytes: 120_000, maxAgeMs: 7 * day, maxCalls: 100 });
  const left = ['first', 'second', 'third', 'ancient'].map((callId) => [
    existsSync(recordPathOf(directory, callId)),
    existsSync(join(directory, `${callId}.stdout`)),
  ]);
  expect(left).toEqual([
    [true, true],
    [true, true],
    [true, false],
    [false, false],
  ]);
  await store.sweep({ totalBytes: 120_000, maxAgeMs: 7 * day, maxCalls: 1 });
  expect(store.find('second')).toBeNull();
  expect(store.find('first')).not.toBeNull();
});

test('N7: a call under way is never swept, and a record that was cut off counts as without result', async () => {
  keep({ callId: 'ended', stdout: 'x' });
  writeFileSync(recordPathOf(directory, 'running'), `{"callId":"running"}\n${' '.repeat(127)}\n{"end":`);
  await store.sweep({ totalBytes: 0, maxAgeMs: 1_000_000, maxCalls: 0 });
  expect(store.find('running')).toMatchObject({ result: null });
  expect(store.ended('running')).toBeNull();
  expect([store.find('ended'), store.find('../ended'), store.find('')]).toEqual([null, null, null]);
});
