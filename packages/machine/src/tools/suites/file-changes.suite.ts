/** `write` and `edit`: whole or not at all, and nothing but what was asked for. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { newId } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const fileChangesSuite = (target: () => TerminalTarget): void => {
  const files = (input: Record<string, unknown>) => target().session().call(input, { tool: 'filesystem' });
  const folder = (): string => {
    const path = join(target().home, newId('call'));
    mkdirSync(path);
    return path;
  };

  describe('write', () => {
    test('P5: a new file, with missing directories when asked for, and mode', async () => {
      const root = folder();
      const path = join(root, 'a/b/new.txt');
      expect(await files({ action: 'write', path, content: 'x' })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
      const made = await files({ action: 'write', path, content: 'é\n', create_parents: true, mode: '600' });
      expect(made).toMatchObject({ success: true, metadata: { path, size_bytes: 3, created: true } });
      expect(readFileSync(path, 'utf8')).toBe('é\n');
      expect(statSync(path).mode & 0o7777).toBe(0o600);
      expect(readdirSync(join(root, 'a/b'))).toEqual(['new.txt']);
      const read = await files({ action: 'read', path });
      expect(read.metadata['version']).toBe(made.metadata['version']);
      expect(read.metadata['sha256']).toBe(made.metadata['sha256']);
    });

    test('P5: a replaced file keeps its mode, answers with a diff, and a link keeps pointing', async () => {
      const root = folder();
      writeFileSync(join(root, 'file'), 'a\nb\nc\n');
      chmodSync(join(root, 'file'), 0o755);
      symlinkSync('file', join(root, 'link'));
      const result = await files({ action: 'write', path: join(root, 'link'), content: 'a\nB\nc\n' });
      expect(result.output).toContain('-b\n+B\n');
      expect(result.metadata).toMatchObject({ path: join(root, 'file'), created: false });
      expect(readFileSync(join(root, 'file'), 'utf8')).toBe('a\nB\nc\n');
      expect(statSync(join(root, 'file')).mode & 0o7777).toBe(0o755);
      expect(readdirSync(root)).toEqual(['file', 'link']);
      symlinkSync('nowhere', join(root, 'dangling'));
      expect(await files({ action: 'write', path: join(root, 'dangling'), content: '' })).toMatchObject({
        error: { code: 'FILE_REFUSED' },
      });
    });

    test('P5: base64 writes any bytes; what is not base64 is refused by name', async () => {
      const path = join(folder(), 'bytes');
      const bytes = Buffer.from([0, 255, 128, 10, 13]);
      await files({ action: 'write', path, content: bytes.toString('base64'), encoding: 'base64' });
      expect(readFileSync(path).equals(bytes)).toBe(true);
      for (const content of ['abc', '****', 'a===', `${'A'.repeat(1_398_104)}AAAA`])
        expect(await files({ action: 'write', path, content, encoding: 'base64' })).toMatchObject({
          success: false,
          error: { code: 'INVALID_ARGUMENT', field: 'content' },
        });
      expect(readFileSync(path).equals(bytes)).toBe(true);
    });

    test('P5: expected protects what someone else has changed meanwhile', async () => {
      const path = join(folder(), 'file');
      writeFileSync(path, 'one');
      const { version, sha256 } = (await files({ action: 'read', path })).metadata;
      expect(await files({ action: 'write', path, content: 'x', expected: 'absent' })).toMatchObject({
        error: { code: 'FILE_CONFLICT', field: 'expected' },
      });
      expect(await files({ action: 'write', path, content: 'two', expected: sha256 })).toMatchObject({ success: true });
      expect(await files({ action: 'write', path, content: 'x', expected: version })).toMatchObject({
        error: { code: 'FILE_CONFLICT' },
      });
      expect(readFileSync(path, 'utf8')).toBe('two');
      const fresh = { action: 'write', path: `${path}2`, content: 'new', expected: 'absent' };
      const results = await Promise.all(Array.from({ length: 10 }, () => files(fresh)));
      expect(results.filter(({ success }) => success)).toHaveLength(1);
      expect(await files({ ...fresh, path: `${path}3`, expected: version })).toMatchObject({
        error: { code: 'FILE_CONFLICT' },
      });
    });

    test('P5: readers never see half a file while it is written again and again', async () => {
      const path = join(folder(), 'file');
      const contents = ['a'.repeat(300_000), 'b'.repeat(200_000)];
      writeFileSync(path, contents[0] ?? '');
      let isWriting = true;
      const writing = (async () => {
        for (let round = 0; round < 20; round += 1)
          await files({ action: 'write', path, content: contents[round % 2] ?? '' });
        isWriting = false;
      })();
      while (isWriting) {
        expect(contents).toContain(readFileSync(path, 'utf8'));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writing;
    });

    test('N7: a repeated call changes nothing again, also after a restart of the program', async () => {
      const path = join(folder(), 'file');
      const session = target().session();
      const callId = newId('call');
      const call = { action: 'write', path, content: 'mine' };
      const options = { tool: 'filesystem', callId };
      const first = await session.call(call, options);
      writeFileSync(path, 'theirs');
      expect(await session.call(call, options)).toEqual(first);
      await target().restart();
      expect(await session.call(call, options)).toEqual(first);
      expect(readFileSync(path, 'utf8')).toBe('theirs');
    });
  });

  describe('edit', () => {
    const edited = async (before: string | Buffer, edits: unknown, more: Record<string, unknown> = {}) => {
      const path = join(folder(), 'file');
      writeFileSync(path, before);
      const result = await files({ action: 'edit', path, edits, ...more });
      return { result, after: readFileSync(path), path };
    };

    test('P5: exact replacements in order, all or none, with the diff', async () => {
      const edits = [
        { find: 'two', replace: '2' },
        { find: '2\nthree', replace: '2\n3' },
      ];
      const { result, after, path } = await edited('one\ntwo\nthree\n', edits);
      expect(after.toString()).toBe('one\n2\n3\n');
      expect(result.output).toBe(`--- ${path}\n+++ ${path}\n@@ -1,3 +1,3 @@\n one\n-two\n-three\n+2\n+3\n`);
      const half = await edited('one\n', [
        { find: 'one', replace: '1' },
        { find: 'missing', replace: '' },
      ]);
      expect(half.result).toMatchObject({ error: { code: 'FILE_CONFLICT', field: 'edits.1.find' } });
      expect(half.after.toString()).toBe('one\n');
    });

    test('P5: the number of occurrences must be as said', async () => {
      const twice = await edited('x x', [{ find: 'x', replace: 'y' }]);
      expect(twice.result).toMatchObject({ error: { code: 'FILE_CONFLICT' } });
      expect(twice.result.error?.message).toContain('2 times');
      expect((await edited('x x', [{ find: 'x', replace: 'y', count: 2 }])).after.toString()).toBe('y y');
      expect((await edited('aaa', [{ find: 'aa', replace: 'b' }])).after.toString()).toBe('ba');
    });

    test('P5: line ends, byte order mark and what is not text stay as they are', async () => {
      const crlf = await edited('\ufeffone\r\ntwo\r\nthree\r\n', [{ find: 'one\ntwo', replace: '1\n2' }]);
      expect(crlf.after.toString()).toBe('\ufeff1\r\n2\r\nthree\r\n');
      const mixed = await edited('one\r\ntwo\nthree', [{ find: 'two\n', replace: '2\n' }]);
      expect(mixed.after.toString()).toBe('one\r\n2\nthree');
      const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0x78, 0x0a]);
      const bytes = await edited(latin, [{ find: 'x', replace: 'ü' }]);
      expect(bytes.after.equals(Buffer.concat([latin.subarray(0, 5), Buffer.from('ü\n')]))).toBe(true);
      const utf16 = await edited(Buffer.from('\ufeffabc', 'utf16le'), [{ find: 'b', replace: 'x' }]);
      expect(utf16.result).toMatchObject({ error: { code: 'FILE_REFUSED' } });
    });

    test('P5: a property: whatever the bytes, an edit replaces exactly the text and nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), async (start, end) => {
          const before = Buffer.concat([start, Buffer.from('\n<<navis>>\n'), end]);
          const { result, after } = await edited(before, [{ find: '<<navis>>', replace: '→' }]);
          if (result.error?.message.includes('UTF-16') === true) return;
          expect(after.equals(Buffer.concat([start, Buffer.from('\n→\n'), end]))).toBe(true);
        }),
        { numRuns: 40 },
      );
    });

    test('P5: a directory that may not be written leaves the file and says why', async () => {
      if (process.getuid?.() === 0) return;
      const root = folder();
      writeFileSync(join(root, 'file'), 'x');
      chmodSync(root, 0o555);
      const result = await files({ action: 'edit', path: join(root, 'file'), edits: [{ find: 'x', replace: 'y' }] });
      chmodSync(root, 0o755);
      expect(result).toMatchObject({ error: { code: 'FILE_REFUSED' } });
      expect(existsSync(join(root, 'file'))).toBe(true);
    });
  });
};
