import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCallRecord } from './call-record.ts';
import { readStored } from './output-file.ts';
import { RunHostFixture } from './run-host.fixture.ts';

let fixture: RunHostFixture;
beforeEach(async () => {
  fixture = await RunHostFixture.open();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const canMount = process.getuid?.() === 0 && process.platform === 'linux';

describe('a full disk', () => {
  test.skipIf(!canMount)('commands go on, the result is recorded, what was lost is said, new ones run', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'navis-disk-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) return;
    try {
      await using full = await RunHostFixture.open(disk);
      const done = await full.run('head -c 20000000 /dev/zero; echo END; exit 6');
      expect(done.end).toEqual({ kind: 'ended', exitCode: 6, signal: null });
      expect(done.warnings).toEqual([expect.stringContaining('the disk is full')]);
      expect(done.outTail.endsWith('END\n')).toBe(true);
      expect(readCallRecord(full.callsDirectory, done.callId)?.result).toMatchObject({ end: done.end });
      for (let count = 0; count < 20; count += 1) expect((await full.run('echo fine')).out).toBe('fine\n');
    } finally {
      spawnSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });
});

describe('many and much', () => {
  test('50 calls at once each get their own output', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => fixture.run(`echo ${index}; echo e${index} >&2`)),
    );
    for (const [index, { out, error }] of results.entries())
      expect([out, error]).toEqual([`${index}\n`, `e${index}\n`]);
    expect(fixture.host.isEmpty).toBe(true);
  });

  test('T3: a burst of 100 MB is followed by offset, kept within its bound, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const done = await fixture.run('head -c 100000000 /dev/zero | tr "\\0" "a"; echo END');
    clearInterval(sampling);
    expect(done.stdout.totalBytes).toBe(100_000_004);
    expect(done.out).toHaveLength(256 * 1024);
    expect(done.outTail.endsWith('aaaEND\n')).toBe(true);
    expect((peak - before) / 1e6).toBeLessThan(80);
    const stored = readCallRecord(fixture.callsDirectory, done.callId)?.result?.stdout;
    expect(stored).toEqual({ totalBytes: 100_000_004, headBytes: 33_554_432, tailFrom: 100_000_004 - 33_554_432 });
    if (stored === undefined) return;
    const kept = {
      basePath: join(fixture.callsDirectory, done.callId),
      stream: 'stdout',
      stored,
      maxBytes: 100,
    } as const;
    expect(readStored({ ...kept, from: 40_000_000 }).offset).toBe(stored.tailFrom);
    expect(readStored({ ...kept, from: 99_999_999 }).bytes.toString()).toBe('aEND\n');
  });

  test('T3: a line of 50 MB comes whole to a reader that follows', async () => {
    const asked = fixture.request('head -c 50000000 /dev/zero | tr "\\0" "b"');
    const ended = fixture.ask(asked);
    let offset = 0;
    for (;;) {
      const page = { callId: asked.callId, stdout: offset, stderr: 0, maxBytes: 1024 * 1024, waitMs: 2000 };
      const answer = await fixture.read(page).catch(() => null);
      if (answer === null) break;
      expect(answer.result.stdout.offset).toBe(offset);
      expect(answer.payload.every((byte) => byte === 0x62)).toBe(true);
      offset += answer.result.stdout.bytes;
    }
    const stored = (await ended) && readCallRecord(fixture.callsDirectory, asked.callId)?.result?.stdout;
    expect(stored).toMatchObject({ totalBytes: 50_000_000, tailFrom: 33_554_432 });
  });
});
