import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ByteLog } from './byte-log.ts';
import { listSegments, readSegments } from './log-segments.ts';

let directory = '';
const open: ByteLog[] = [];

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'navis-log-')), 'terminal');
});

afterEach(async () => {
  for (const log of open.splice(0)) await log.close();
  rmSync(join(directory, '..'), { recursive: true });
});

const create = (retainBytes: number, degraded: string[] = []): ByteLog => {
  const log = new ByteLog({ directory, retainBytes, onDegraded: (reason) => void degraded.push(reason) });
  open.push(log);
  return log;
};

/** Byte `n` of the stream is a function of `n`, so any slice can be checked alone. */
const streamBytes = (from: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => ((from + index) * 31 + ((from + index) >> 8)) & 0xff));

const readAll = async (log: ByteLog, from: number, maxBytes: number): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const slice = await log.read(at, maxBytes);
    if (slice === null) return Buffer.concat(parts);
    expect(slice.offset).toBe(at);
    parts.push(Buffer.from(slice.bytes));
    at += slice.bytes.length;
  }
};

test('T17: a few bytes are on disk a moment later, without anybody asking', async () => {
  const log = create(1024 * 1024);
  log.append(streamBytes(0, 1));
  log.append(streamBytes(1, 1));
  await expect.poll(() => listSegments(directory)).toEqual([{ start: 0, end: 2 }]);
});

test('T17: what is appended is read back by offset, from memory and from disk, whatever the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.constantFrom('flush', 'rest', 'none'), { minLength: 1 }),
      fc.integer({ min: 1, max: 70_000 }),
      async (sizes, between, maxBytes) => {
        rmSync(directory, { recursive: true, force: true });
        const log = new ByteLog({ directory, retainBytes: 1024 * 1024 });
        for (const [index, size] of sizes.entries()) {
          log.append(streamBytes(log.endOffset, size));
          if (between[index % between.length] !== 'none') await log.flush();
          if (between[index % between.length] === 'rest') await log.rest();
        }
        const from = Math.floor(log.endOffset / 3);
        const whole = await readAll(log, from, maxBytes);
        await log.close();
        expect(whole.equals(streamBytes(from, log.endOffset - from))).toBe(true);
        const onDisk = await readSegments({ directory, segments: listSegments(directory) }, { from: 0, maxBytes: 9 });
        expect(onDisk).toEqual({ offset: 0, bytes: streamBytes(0, Math.min(9, log.endOffset)) });
      },
    ),
    { numRuns: 30 },
  );
});

test('the newest bytes are retained, older segments are dropped and firstOffset tells', async () => {
  const retainBytes = 256 * 1024;
  const log = create(retainBytes);
  const total = 1024 * 1024;
  for (let at = 0; at < total; at += 4096) {
    log.append(streamBytes(at, 4096));
    if (at % 65536 === 0) await log.flush();
  }
  await log.flush();
  expect(log.firstOffset).toBeLessThanOrEqual(total - retainBytes);
  expect(log.firstOffset).toBeGreaterThanOrEqual(total - retainBytes - 2 * (retainBytes / 16));
  expect((await log.read(0, 10))?.offset).toBe(log.firstOffset);
  const kept = await readAll(log, log.firstOffset, 50_000);
  expect(kept.equals(streamBytes(log.firstOffset, total - log.firstOffset))).toBe(true);
  expect(listSegments(directory)[0]?.start).toBe(log.firstOffset);
});

test('a disk that refuses: the newest bytes stay in memory, the gap is told, writing resumes', async () => {
  writeFileSync(directory, 'a file where the directory should be');
  const degraded: string[] = [];
  const log = create(64 * 1024 * 1024, degraded);
  const part = streamBytes(0, 256 * 1024);
  for (let count = 0; count < 40; count += 1) log.append(part);
  await expect.poll(() => degraded).toHaveLength(1);
  log.append(part);
  const total = 41 * part.length;
  expect(log.endOffset).toBe(total);
  expect(log.firstOffset).toBeGreaterThan(total - 4.5 * 1024 * 1024);
  expect(log.firstOffset).toBeLessThanOrEqual(total - 4 * 1024 * 1024);
  const resumesAt = log.firstOffset;
  expect(await log.read(0, 5)).toMatchObject({ offset: resumesAt });
  rmSync(directory);
  mkdirSync(directory);
  await expect.poll(async () => log.flush().then(() => listSegments(directory).at(-1)?.end)).toBe(total);
  expect(listSegments(directory)[0]?.start).toBe(resumesAt);
  expect(degraded).toHaveLength(1);
});

test('pressure is told while the disk is behind, and released', async () => {
  const pressed: boolean[] = [];
  const log = new ByteLog({ directory, retainBytes: 1 << 26, onPressure: (isPressed) => void pressed.push(isPressed) });
  open.push(log);
  log.append(Buffer.alloc(5 * 1024 * 1024));
  expect(pressed).toEqual([true]);
  await log.flush();
  expect(pressed).toEqual([true, false]);
});

test('at rest nothing of the bytes stays in memory', async () => {
  const log = create(1 << 20);
  log.append(Buffer.from('hello'));
  await log.flush();
  expect(log.readMemory(0, 5)?.toString()).toBe('hello');
  await log.rest();
  expect(log.readMemory(0, 5)).toBeNull();
  log.append(Buffer.from(' world'));
  expect((await readAll(log, 0, 100)).toString()).toBe('hello world');
  await log.flush();
  expect(readdirSync(directory)).toEqual(['log-0000000000000000']);
});

test('files that are no segments, and missing ones, are no bytes', async () => {
  mkdirSync(directory);
  for (const name of ['log-1', 'log-00000000000000zz', 'record.json', 'log-0000000000000005']) {
    writeFileSync(join(directory, name), 'abc');
  }
  const segments = listSegments(directory);
  expect(segments).toEqual([{ start: 5, end: 8 }]);
  expect(listSegments(join(directory, 'missing'))).toEqual([]);
  expect(await readSegments({ directory, segments }, { from: 6, maxBytes: 10 })).toMatchObject({ offset: 6 });
  expect(await readSegments({ directory, segments }, { from: 8, maxBytes: 10 })).toBeNull();
  rmSync(join(directory, 'log-0000000000000005'));
  expect(await readSegments({ directory, segments }, { from: 0, maxBytes: 10 })).toBeNull();
});
