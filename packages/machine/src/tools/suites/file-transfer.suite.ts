/** Files on their way between machines: whole or not at all, whatever is repeated, lost or restarted in between. */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { newId } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const fileTransferSuite = (target: () => TerminalTarget): void => {
  const person = { userId: 'u_test0', origin: 'person' } as const;
  const folder = (): string => {
    const path = join(target().home, newId('call'));
    mkdirSync(path);
    return path;
  };
  const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const transfer = (path: string) => {
    const names = { ...person, sessionId: newId('session'), transferId: newId('call'), path };
    return {
      piece: (offset: number, bytes: Uint8Array) => target().machine.writeFile({ ...names, offset, bytes }),
      end: (whole: Uint8Array, { from = whole.length, overwrite = false, mode = 0o640 } = {}) =>
        target().machine.writeFile({
          ...names,
          offset: from,
          bytes: whole.subarray(from),
          finish: { sizeBytes: whole.length, sha256: sha256Of(whole), mode, overwrite },
        }),
    };
  };

  describe('files between machines', () => {
    test('P5: a file is read in pieces with its size, mode and version', async () => {
      const path = join(folder(), 'file');
      const bytes = randomBytes(2_500_000);
      writeFileSync(path, bytes);
      chmodSync(path, 0o751);
      const read = { ...person, sessionId: newId('session'), path, maxBytes: 10_000_000 };
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < bytes.length;) {
        const piece = await target().machine.readFile({ ...read, from });
        expect(piece).toMatchObject({ sizeBytes: bytes.length, mode: 0o751 });
        expect(piece.bytes.length).toBeLessThanOrEqual(1024 * 1024);
        pieces.push(piece.bytes);
        from += piece.bytes.length;
      }
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      const before = (await target().machine.readFile({ ...read, from: 0 })).version;
      writeFileSync(path, 'other');
      expect((await target().machine.readFile({ ...read, from: 0 })).version).not.toBe(before);
      const missing = target().machine.readFile({ ...read, path: `${path}x`, from: 0 });
      await expect(missing).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    });

    test('P5: nothing shows before the last piece; then the whole file with its mode', async () => {
      const root = folder();
      const path = join(root, 'file');
      const bytes = randomBytes(1_500_000);
      const { piece, end } = transfer(path);
      expect(await piece(0, bytes.subarray(0, 1_000_000))).toEqual({ nextOffset: 1_000_000 });
      expect(existsSync(path)).toBe(false);
      await target().restart();
      expect(await end(bytes, { from: 1_000_000 })).toEqual({ nextOffset: 1_500_000 });
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(statSync(path).mode & 0o7777).toBe(0o640);
      expect(readdirSync(root)).toEqual(['file']);
      // The answer was lost; the same again.
      expect(await end(bytes, { from: 1_000_000 })).toEqual({ nextOffset: 1_500_000 });
    });

    test('P5: an existing file is only replaced when asked for; an empty one comes in one piece', async () => {
      const root = folder();
      const path = join(root, 'file');
      writeFileSync(path, 'kept');
      const bytes = Buffer.from('new');
      await expect(transfer(path).end(bytes, { from: 0 })).rejects.toMatchObject({ code: 'FILE_CONFLICT' });
      expect(readFileSync(path, 'utf8')).toBe('kept');
      await transfer(path).end(bytes, { from: 0, overwrite: true });
      expect(readFileSync(path, 'utf8')).toBe('new');
      await transfer(`${path}2`).end(Buffer.alloc(0));
      expect(readFileSync(`${path}2`)).toHaveLength(0);
      expect(readdirSync(root)).toEqual(['file', 'file2']);
    });

    test('P5: pieces that are missing, changed or too long are refused and leave nothing', async () => {
      const root = folder();
      const path = join(root, 'file');
      const bytes = randomBytes(1000);
      const first = transfer(path);
      await expect(first.piece(500, bytes.subarray(500))).rejects.toMatchObject({ code: 'FILE_CONFLICT' });
      await first.piece(0, bytes.subarray(0, 400));
      await expect(first.piece(500, bytes.subarray(500))).rejects.toMatchObject({ code: 'FILE_CONFLICT' });
      await first.piece(400, randomBytes(600));
      await expect(first.end(bytes)).rejects.toMatchObject({ code: 'FILE_CONFLICT' });
      await expect(first.piece(0, Buffer.alloc(1024 * 1024 + 1))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      expect(readdirSync(root)).toEqual([]);
      const nowhere = transfer(join(root, 'no/such/file'));
      await expect(nowhere.piece(0, bytes)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
      await expect(transfer(root).end(bytes, { from: 0, overwrite: true })).rejects.toMatchObject({
        code: 'FILE_REFUSED',
      });
    });

    test('P5: a property: pieces that overlap, repeat and go on after a restart make the file', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(3000), fc.nat(2000)), { maxLength: 12 }),
          fc.nat(5000),
          async (steps, size) => {
            const path = join(folder(), 'file');
            const bytes = randomBytes(size);
            const { piece, end } = transfer(path);
            let next = 0;
            for (const [back, length] of steps) {
              const offset = Math.max(0, next - back);
              next = (await piece(offset, bytes.subarray(offset, offset + length))).nextOffset;
            }
            await end(bytes, { from: next });
            expect(readFileSync(path).equals(bytes)).toBe(true);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
};
