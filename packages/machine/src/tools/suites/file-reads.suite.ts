/** `read`, `list`, `find`, `grep`, `diff`: looking at files. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const fileReadsSuite = (target: () => TerminalTarget): void => {
  const files = (input: Record<string, unknown>, session = target().session()) =>
    session.call(input, { tool: 'filesystem' });
  const folder = (): string => {
    const path = join(target().home, newId('call'));
    mkdirSync(path);
    return path;
  };

  describe('read', () => {
    test('P5: a file with its facts; paths are absolute, from ~, or relative to home or working_dir', async () => {
      const path = join(target().home, 'hello.txt');
      writeFileSync(path, 'héllo\nworld\n', { mode: 0o640 });
      chmodSync(path, 0o640);
      const sha256 = createHash('sha256').update('héllo\nworld\n').digest('hex');
      const facts = { path, size_bytes: 13, mode: '640', sha256, encoding: 'utf8', line_ending: 'lf', bom: false };
      for (const given of [path, '~/hello.txt', 'hello.txt', './x/../hello.txt'])
        expect(await files({ action: 'read', path: given })).toMatchObject({
          success: true,
          output: 'héllo\nworld\n',
          metadata: { ...facts, truncated: false },
        });
      mkdirSync(join(target().home, 'sub'), { recursive: true });
      writeFileSync(join(target().home, 'sub', 'inner'), 'x');
      expect((await files({ action: 'read', path: 'inner', working_dir: '~/sub' })).output).toBe('x');
    });

    test('P5: parts by bytes never cut a character, and next_from goes on without loss', async () => {
      const path = join(folder(), 'text');
      const text = 'añ€😀'.repeat(500);
      writeFileSync(path, text);
      for (const limit of [4, 7, 10, 4096]) {
        let whole = '';
        for (let from: unknown = 0; from !== undefined;) {
          const result = await files({ action: 'read', path, from, limit });
          expect(result.output).not.toContain('\ufffd');
          whole += result.output;
          from = result.metadata['next_from'];
          if (limit < 4096 && whole.length > 60) break;
        }
        expect(text.startsWith(whole)).toBe(true);
        if (limit === 4096) expect(whole).toBe(text);
      }
    });

    test('P5: more than 256 KiB comes in pieces, also in base64, and the pieces make the file', async () => {
      const path = join(folder(), 'large');
      const bytes = Buffer.alloc(700_000, 'navis\n');
      writeFileSync(path, bytes);
      const pieces: Buffer[] = [];
      for (let from: unknown = 0; from !== undefined;) {
        const result = await files({ action: 'read', path, from, encoding: 'base64' });
        pieces.push(Buffer.from(result.output, 'base64'));
        from = result.metadata['next_from'];
      }
      expect(pieces.map(({ length }) => length)).toEqual([262_144, 262_144, 175_712]);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      expect((await files({ action: 'read', path, from: 10_000_000 })).output).toBe('');
    });

    test('P5: lines by number', async () => {
      const path = join(folder(), 'lines');
      writeFileSync(path, Array.from({ length: 200_000 }, (_, index) => `line ${index + 1}`).join('\n'));
      const part = await files({ action: 'read', path, unit: 'lines', from: 150_000, limit: 2 });
      expect(part).toMatchObject({
        output: 'line 150000\nline 150001\n',
        metadata: { from: 150_000, lines: 2, next_from: 150_002 },
      });
      const end = await files({ action: 'read', path, unit: 'lines', from: 199_999, limit: 100 });
      expect(end).toMatchObject({ output: 'line 199999\nline 200000', metadata: { lines: 2, truncated: false } });
      let next: unknown = 1;
      let text = '';
      while (next !== undefined) {
        const { output, metadata } = await files({ action: 'read', path, unit: 'lines', from: next, limit: 100_000 });
        text += output;
        next = metadata['next_from'];
      }
      expect(text.split('\n')).toHaveLength(200_000);
      expect((await files({ action: 'read', path, unit: 'lines', from: 300_000 })).output).toBe('');
    });

    test('P5: what is not text is refused without base64 and exact with it', async () => {
      const path = join(folder(), 'binary');
      const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]);
      writeFileSync(path, bytes);
      const refused = await files({ action: 'read', path });
      expect(refused).toMatchObject({ success: false, error: { code: 'FILE_REFUSED', field: 'encoding' } });
      expect((await files({ action: 'read', path, encoding: 'base64' })).output).toBe(bytes.toString('base64'));
    });

    test('P5: what is missing, a directory, a pipe, a socket or a device is refused at once with the reason', async () => {
      const place = folder();
      execFileSync('mkfifo', [join(place, 'pipe')]);
      const server = createServer().listen(join(place, 'socket'));
      symlinkSync('loop', join(place, 'loop'));
      const expected: [string, string, RegExp][] = [
        [join(place, 'missing'), 'FILE_NOT_FOUND', /there is no file/],
        [join(place, 'missing', 'deeper'), 'FILE_NOT_FOUND', /there is no file/],
        [place, 'FILE_REFUSED', /it is a directory/],
        [join(place, 'pipe'), 'FILE_REFUSED', /it is a pipe/],
        [join(place, 'pipe', 'x'), 'FILE_REFUSED', /not a directory/],
        [join(place, 'socket'), 'FILE_REFUSED', /it is a socket/],
        [join(place, 'loop'), 'FILE_REFUSED', /loop of links/],
        ['/dev/zero', 'FILE_REFUSED', /it is a device/],
        ['/', 'FILE_REFUSED', /it is a directory/],
        ['/proc/self/environ', 'FILE_REFUSED', /Navis itself/],
        [`/proc/self/root/etc/hostname`, 'FILE_REFUSED', /Navis itself|refused|does not/],
        ['x'.repeat(300), 'FILE_REFUSED', /too long/],
      ];
      const startedAt = performance.now();
      for (const [path, code, message] of expected.filter(([path]) => path !== '/proc/self/root/etc/hostname')) {
        const result = await files({ action: 'read', path });
        expect(result, path).toMatchObject({ success: false, error: { code, field: 'path' } });
        expect(result.error?.message).toMatch(message);
      }
      expect(performance.now() - startedAt).toBeLessThan(5000);
      server.close();
    });

    test('P5: files of the kernel, which have no size, are read', async () => {
      expect((await files({ action: 'read', path: '/proc/sys/kernel/ostype' })).output).toBe('Linux\n');
    });

    test('T3: navis://output/<call_id> is the whole output of a call of this session only', async () => {
      const session = target().session();
      const callId = newId('call');
      await session.call({ action: 'run', command: 'seq 1 100000; echo END >&2' }, { callId });
      let text = '';
      for (let from: unknown = 0; from !== undefined;) {
        const page = await files({ action: 'read', path: `navis://output/${callId}`, from }, session);
        expect(page.success).toBe(true);
        text += page.output;
        from = page.metadata['next_from'];
      }
      expect(text.startsWith('1\n2\n3\n')).toBe(true);
      expect(text.endsWith('100000\n\n[stderr]\nEND\n')).toBe(true);
      expect(await files({ action: 'read', path: `navis://output/${callId}` })).toMatchObject({
        success: false,
        error: { code: 'FILE_NOT_FOUND' },
      });
      for (const path of ['navis://output/nothing1', 'navis://output/../x', 'navis://other'])
        expect(await files({ action: 'read', path }, session)).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
    });
  });

  describe('list, find, grep, diff', () => {
    const project = (): string => {
      const root = folder();
      for (const path of ['src/deep', 'node_modules/x', '.git']) mkdirSync(join(root, path), { recursive: true });
      writeFileSync(join(root, 'src/a.ts'), 'const a = 1;\n// TODO: one\nexport { a };\n');
      writeFileSync(join(root, 'src/a.test.ts'), 'test("todo");\n');
      writeFileSync(join(root, 'src/deep/b.ts'), 'x\r\n// todo: two\r\ny\r\n');
      writeFileSync(join(root, 'src/image.png'), Buffer.from([0x89, 0x50, 0, 0, 0x54, 0x4f, 0x44, 0x4f]));
      writeFileSync(join(root, 'node_modules/x/i.ts'), 'TODO\n');
      symlinkSync('/', join(root, 'src/root'));
      symlinkSync('a.ts', join(root, 'src/link.ts'));
      return root;
    };

    test('P5: list shows entries with type, size and time, sorted, page by page', async () => {
      const root = project();
      const all = await files({ action: 'list', path: join(root, 'src') });
      expect(all.metadata).toMatchObject({ total: 6, truncated: false });
      expect(all.metadata['entries']).toMatchObject([
        { name: 'a.test.ts', type: 'file', size_bytes: 14, mode: '644' },
        { name: 'a.ts', type: 'file' },
        { name: 'deep', type: 'directory' },
        { name: 'image.png', type: 'file' },
        { name: 'link.ts', type: 'link', target: 'a.ts' },
        { name: 'root', type: 'link', target: '/' },
      ]);
      expect(all.output).toMatch(/^ 644 +14 \d{4}-\d\d-\d\dT[\d:]{8}Z a\.test\.ts$/m);
      const page = await files({ action: 'list', path: 'src', working_dir: root, from: 2, limit: 2 });
      expect(page.metadata).toMatchObject({ next_from: 4, entries: [{ name: 'deep' }, { name: 'image.png' }] });
      expect((await files({ action: 'list', working_dir: root })).output).toContain('.git/');
      mkdirSync(join(root, 'empty'));
      expect((await files({ action: 'list', path: join(root, 'empty') })).output).toBe('(empty)');
      expect(await files({ action: 'list', path: join(root, 'src/a.ts') })).toMatchObject({
        error: { code: 'FILE_REFUSED' },
      });
    });

    test('P5: find by glob and type does not follow links and leaves out what is excluded', async () => {
      const path = project();
      const found = async (more: Record<string, unknown>) =>
        (await files({ action: 'find', path, ...more })).output.split('\n');
      expect(await found({ pattern: '*.ts', type: 'file' })).toEqual(['src/a.test.ts', 'src/a.ts', 'src/deep/b.ts']);
      expect(await found({ pattern: 'src/**/b.{ts,js}' })).toEqual(['src/deep/b.ts']);
      expect(await found({ type: 'directory', max_depth: 1 })).toEqual(['src/']);
      expect(await found({ pattern: 'i.[a-z]s', exclude: [] })).toEqual(['node_modules/x/i.ts']);
      expect(await found({ pattern: '*.ts', limit: 1 })).toEqual(['src/a.test.ts', expect.stringContaining('more')]);
      expect(await found({ pattern: 'nothing' })).toEqual(['(nothing found)']);
    });

    test('P5: grep finds lines with context, skips what is not text, and counts it', async () => {
      const path = project();
      const result = await files({ action: 'grep', path, pattern: 'todo', ignore_case: true });
      expect(result.output.split('\n')).toEqual([
        'src/a.test.ts:1: test("todo");',
        'src/a.ts:2: // TODO: one',
        'src/deep/b.ts:2: // todo: two',
      ]);
      expect(result.metadata).toMatchObject({ matches: 3, files_with_matches: 3, not_text: 1 });
      expect(result.metadata.warnings?.[0]).toContain('1 files');
      const context = await files({ action: 'grep', path: join(path, 'src/a.ts'), pattern: '^// T', context: 1 });
      expect(context.output.split('\n').map((line) => line.slice(join(path, 'src/a.ts').length))).toEqual([
        '-1- const a = 1;',
        ':2: // TODO: one',
        '-3- export { a };',
      ]);
      const some = await files({ action: 'grep', path, pattern: 'todo', include: '*.test.ts' });
      expect(some.metadata['matches']).toBe(1);
      const limited = await files({ action: 'grep', path, pattern: 'todo', ignore_case: true, limit: 2 });
      expect(limited.metadata).toMatchObject({ matches: 2, truncated: true });
      expect(await files({ action: 'grep', path, pattern: '(' })).toMatchObject({
        error: { code: 'INVALID_ARGUMENT', field: 'pattern' },
      });
    });

    test('P5: a large file and a hostile pattern do not hang a search, and its time is a bound', async () => {
      const root = folder();
      writeFileSync(join(root, 'long'), `${'a'.repeat(3_000_000)}\nneedle\n`);
      const startedAt = performance.now();
      const result = await files({ action: 'grep', path: root, pattern: '(a*)*b|needle', timeout: 20 });
      expect(result.success).toBe(true);
      expect(result.output).toContain('long:2: needle');
      expect(performance.now() - startedAt).toBeLessThan(22_000);
      const all = await files({ action: 'find', path: '/', pattern: '*.nothing', exclude: [], timeout: 1 });
      expect(all).toMatchObject({ success: true });
    });

    test('P5: diff of two files, and of a file and a text', async () => {
      const root = folder();
      writeFileSync(join(root, 'a'), 'one\ntwo\nthree\n');
      writeFileSync(join(root, 'b'), 'one\n2\nthree\n');
      const result = await files({ action: 'diff', path: 'a', to: 'b', working_dir: root });
      expect(result.output).toBe(`--- ${root}/a\n+++ ${root}/b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`);
      const same = await files({ action: 'diff', path: 'a', content: 'one\ntwo\nthree\n', working_dir: root });
      expect(same).toMatchObject({ output: 'There is no difference.', metadata: { is_equal: true } });
      expect(await files({ action: 'diff', path: 'a', working_dir: root })).toMatchObject({ error: { field: 'to' } });
    });
  });
};
