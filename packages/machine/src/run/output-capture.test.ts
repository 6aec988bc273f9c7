import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maxInlineOutputBytes, maxStoredOutputBytes } from '@navisai/protocol';
import { maxInlineStreamBytes, type StoredStream } from './call-record.ts';
import { inlineBytes, OutputCapture } from './output-capture.ts';
import { outputLimits, readStored } from './output-file.ts';
import type { OutputLimits } from './output-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-capture-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const capture = (limits?: OutputLimits, onCaughtUp = (): void => undefined): OutputCapture =>
  new OutputCapture({ basePath: join(directory, 'call'), stream: 'stdout', limits, onCaughtUp });

/** Everything kept, as pairs of offset and bytes, in pages of `maxBytes`. */
const readAll = (stored: StoredStream, limits: OutputLimits, maxBytes: number): Map<number, number> => {
  const found = new Map<number, number>();
  for (let from = 0; from < stored.totalBytes;) {
    const { offset, bytes } = readStored({
      basePath: join(directory, 'call'),
      stream: 'stdout',
      stored,
      from,
      maxBytes,
      limits,
    });
    if (bytes.length === 0) break;
    for (const [index, byte] of bytes.entries()) found.set(offset + index, byte);
    from = offset + bytes.length;
  }
  return found;
};

test('T3: the bounds are those of the protocol', () => {
  expect(outputLimits.headBytes + outputLimits.ringBytes).toBe(maxStoredOutputBytes);
  expect(inlineBytes).toBe(maxInlineOutputBytes);
});

test('T3: exactly the oldest beyond the head are lost on disk', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 1, max: 9000 }),
      sizes,
      async (headBytes, ringBytes, pieces) => {
        const limits = { headBytes, ringBytes };
        const output = capture(limits);
        let total = 0;
        for (const size of pieces) {
          output.append(Buffer.from(Array.from({ length: size }, (_, index) => (total + index) % 251)));
          total += size;
          if (size % 3 === 0) await output.read(0, 1);
        }
        const stored = await output.finish();
        expect(stored.totalBytes).toBe(total);
        const found = readAll(stored, limits, 4000);
        // What is short enough for its record has no file, and loses nothing.
        const isInRecord = stored.inline !== undefined && total <= maxInlineStreamBytes;
        expect(found.size).toBe(isInRecord ? total : Math.min(total, headBytes + ringBytes));
        for (const [offset, byte] of found) if (byte !== offset % 251) expect.fail(`offset ${offset} holds ${byte}`);
      },
    ),
    { numRuns: 15, examples: [[1, 1, [3]]] },
  );
});

test('T3: a reader follows by offset without gap or overlap, also one that lags behind memory', async () => {
  const output = capture();
  const chunk = Buffer.alloc(100_000, 'x');
  let read = 0;
  for (let count = 0; count < 40; count += 1) {
    output.append(chunk);
    if (count % 4 !== 0) continue;
    const page = await output.read(read, 150_000);
    expect(page.offset).toBe(read);
    read += page.bytes.length;
  }
  while (read < output.totalBytes) {
    const page = await output.read(read, 150_000);
    expect(page.offset).toBe(read);
    expect(page.bytes.length).toBeGreaterThan(0);
    read += page.bytes.length;
  }
  expect((await output.finish()).tailFrom).toBe(4_000_000);
});

test('a pipe is told to wait while the disk is behind, and to go on', async () => {
  let caughtUp = 0;
  const output = capture(undefined, () => (caughtUp += 1));
  for (let count = 0; count < 4; count += 1) output.append(Buffer.alloc(1_000_000));
  expect(output.isBehind).toBe(true);
  await expect.poll(() => output.isBehind).toBe(false);
  expect(caughtUp).toBeGreaterThan(0);
  await output.finish();
});

test('a disk that refuses from the start costs the output on disk, never the ends in memory', async () => {
  writeFileSync(join(directory, 'file'), '');
  const output = new OutputCapture({
    basePath: join(directory, 'file', 'call'),
    stream: 'stdout',
    onCaughtUp: () => undefined,
  });
  output.append(Buffer.alloc(3_000_000, 'a'));
  output.append(Buffer.from('END'));
  expect(await output.finish()).toEqual({ totalBytes: 3_000_003, headBytes: 0, tailFrom: 3_000_003 });
  expect(output.failure).toBe('ENOTDIR');
  expect(output.head()).toHaveLength(inlineBytes);
  expect(output.tail().toString().endsWith('aEND')).toBe(true);
});

const canMount = process.getuid?.() === 0 && process.platform === 'linux';
test.skipIf(!canMount)('a full disk loses the middle only, and the tail is written once there is space', async () => {
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) return;
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(1_000_000, 1));
    const output = new OutputCapture({ basePath: join(disk, 'call'), stream: 'stdout', onCaughtUp: () => undefined });
    for (let count = 0; count < 30; count += 1) {
      output.append(Buffer.alloc(100_000, 'a'));
      await output.read(output.totalBytes - 1, 1);
      await expect.poll(() => output.isBehind).toBe(false);
    }
    await expect.poll(() => output.failure).toBe('ENOSPC');
    output.append(Buffer.from('END'));
    rmSync(join(disk, 'ballast'));
    const stored = await output.finish();
    expect(stored.totalBytes).toBe(3_000_003);
    expect(stored.headBytes).toBeGreaterThan(500_000);
    expect(stored.headBytes).toBeLessThan(1_100_000);
    expect(stored.tailFrom).toBe(3_000_003 - inlineBytes);
    const last = { basePath: join(disk, 'call'), stream: 'stdout', stored, from: 3_000_000, maxBytes: 10 } as const;
    expect(readStored(last).bytes.toString()).toBe('END');
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});
