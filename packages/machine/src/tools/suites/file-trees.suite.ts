/** `copy`, `move`, `delete`: files, links and whole directories. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import type { TerminalTarget } from '../terminal-target.fixture.ts';

export const fileTreesSuite = (target: () => TerminalTarget): void => {
  const files = (input: Record<string, unknown>) => target().session().call(input, { tool: 'filesystem' });
  const folder = (): string => {
    const path = join(target().home, newId('call'));
    mkdirSync(path);
    return path;
  };
  const tree = (root: string): string => {
    const path = join(root, 'tree');
    mkdirSync(join(path, 'sub/empty'), { recursive: true });
    writeFileSync(join(path, 'file'), 'x', { mode: 0o600 });
    writeFileSync(join(path, 'sub/tool'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('/etc', join(path, 'sub/outside'));
    return path;
  };

  describe('copy', () => {
    test('P5: a file with its mode; an existing one only with overwrite', async () => {
      const root = folder();
      writeFileSync(join(root, 'a'), 'content', { mode: 0o750 });
      const call = { action: 'copy', path: 'a', to: 'new/b', working_dir: root };
      expect(await files(call)).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
      expect(await files({ ...call, create_parents: true })).toMatchObject({ success: true });
      expect(readFileSync(join(root, 'new/b'), 'utf8')).toBe('content');
      expect(statSync(join(root, 'new/b')).mode & 0o7777).toBe(0o750);
      expect(await files(call)).toMatchObject({ error: { code: 'FILE_CONFLICT', field: 'to' } });
      writeFileSync(join(root, 'a'), 'other');
      expect(await files({ ...call, overwrite: true })).toMatchObject({ success: true });
      expect(readFileSync(join(root, 'new/b'), 'utf8')).toBe('other');
      expect(await files({ ...call, to: 'a', overwrite: true })).toMatchObject({ error: { code: 'FILE_REFUSED' } });
      expect(await files({ ...call, to_node_id: 'elsewhere' })).toMatchObject({ error: { field: 'to_node_id' } });
    });

    test('P5: a directory with all that is in it, links as links, not into itself, and whole', async () => {
      const root = folder();
      tree(root);
      execFileSync('mkfifo', [join(root, 'tree/pipe')]);
      const call = { action: 'copy', path: 'tree', to: 'copy', working_dir: root };
      expect(await files(call)).toMatchObject({ error: { code: 'FILE_REFUSED', field: 'recursive' } });
      const result = await files({ ...call, recursive: true });
      expect(result).toMatchObject({ success: true });
      expect(result.metadata.warnings?.[0]).toContain('1 pipes');
      const copied = execFileSync('find', [join(root, 'copy'), '-mindepth', '1', '-printf', '%P\n'], {
        encoding: 'utf8',
      });
      expect(copied.trim().split('\n').toSorted()).toEqual(['file', 'sub', 'sub/empty', 'sub/outside', 'sub/tool']);
      expect(readlinkSync(join(root, 'copy/sub/outside'))).toBe('/etc');
      expect(statSync(join(root, 'copy/sub/tool')).mode & 0o777).toBe(0o755);
      const inside = await files({ ...call, to: 'tree/sub/copy', recursive: true });
      expect(inside).toMatchObject({ error: { code: 'FILE_REFUSED', field: 'to' } });
      expect(await files({ ...call, recursive: true, overwrite: true })).toMatchObject({
        error: { code: 'FILE_CONFLICT' },
      });
      expect(readdirSync(root).toSorted()).toEqual(['copy', 'tree']);
    });
  });

  describe('move', () => {
    test('P5: files and directories; nothing is replaced unless asked for', async () => {
      const root = folder();
      tree(root);
      writeFileSync(join(root, 'there'), 'kept');
      const call = { action: 'move', path: 'tree/file', to: 'there', working_dir: root };
      expect(await files(call)).toMatchObject({ error: { code: 'FILE_CONFLICT' } });
      expect(readFileSync(join(root, 'there'), 'utf8')).toBe('kept');
      expect(await files({ ...call, overwrite: true })).toMatchObject({ success: true });
      expect(readFileSync(join(root, 'there'), 'utf8')).toBe('x');
      expect(existsSync(join(root, 'tree/file'))).toBe(false);
      expect(await files({ ...call, path: 'tree', to: 'moved/tree', create_parents: true })).toMatchObject({
        success: true,
      });
      expect(existsSync(join(root, 'moved/tree/sub/tool'))).toBe(true);
      expect(await files({ ...call, path: 'moved', to: 'moved/tree/x' })).toMatchObject({
        error: { code: 'FILE_REFUSED' },
      });
      symlinkSync('there', join(root, 'link'));
      await files({ ...call, path: 'link', to: 'link2' });
      expect(readlinkSync(join(root, 'link2'))).toBe('there');
    });

    test('P5: to another file system', async () => {
      const elsewhere = mkdtempSync('/dev/shm/navis-');
      try {
        if (statSync(elsewhere).dev === statSync(tmpdir()).dev) return;
        const root = folder();
        tree(root);
        expect(await files({ action: 'move', path: join(root, 'tree'), to: join(elsewhere, 't') })).toMatchObject({
          success: true,
        });
        expect(existsSync(join(root, 'tree'))).toBe(false);
        expect(readlinkSync(join(elsewhere, 't/sub/outside'))).toBe('/etc');
        expect(await files({ action: 'move', path: join(elsewhere, 't/file'), to: join(root, 'f') })).toMatchObject({
          success: true,
        });
        expect(readFileSync(join(root, 'f'), 'utf8')).toBe('x');
      } finally {
        rmSync(elsewhere, { recursive: true, force: true });
      }
    });
  });

  describe('delete', () => {
    test('P5: a file, a link without its target, and a directory only with recursive; dry_run only tells', async () => {
      const root = folder();
      const path = tree(root);
      symlinkSync(path, join(root, 'link'));
      expect(await files({ action: 'delete', path: join(root, 'link') })).toMatchObject({ success: true });
      expect(await files({ action: 'delete', path })).toMatchObject({
        error: { code: 'FILE_REFUSED', field: 'recursive' },
      });
      const dry = await files({ action: 'delete', path, recursive: true, dry_run: true });
      expect(dry.output).toContain('sub/tool');
      expect(dry.metadata['would_remove']).toBe(6);
      expect(existsSync(join(path, 'sub/tool'))).toBe(true);
      const result = await files({ action: 'delete', path, recursive: true });
      expect(result).toMatchObject({ success: true, metadata: { removed: 6 } });
      expect(readdirSync(root)).toEqual([]);
      expect(existsSync('/etc/hostname') || existsSync('/etc/passwd')).toBe(true);
      expect(await files({ action: 'delete', path })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
      mkdirSync(path);
      expect(await files({ action: 'delete', path })).toMatchObject({ success: true });
    });

    test('P5: the root, system directories and the home directory are never removed or moved', async () => {
      const { home } = target();
      symlinkSync(home, join(home, 'self'));
      for (const path of ['/', '/etc', '/usr', '/tmp/', home, '~', '.', `${home}/x/..`, tmpdir(), '/proc/self'])
        for (const call of [
          { action: 'delete', path, recursive: true },
          { action: 'move', path, to: join(home, 'stolen') },
        ]) {
          const result = await files(call);
          expect(result, path).toMatchObject({ success: false, error: { code: 'FILE_REFUSED' } });
        }
      expect(existsSync(home) && existsSync('/etc')).toBe(true);
      // A link to it is only a link.
      expect(await files({ action: 'delete', path: '~/self' })).toMatchObject({ success: true });
      expect(lstatSync(home).isDirectory()).toBe(true);
    });

    test('P5: a tree with names that are not UTF-8 is left whole, and searches say what they left out', async () => {
      const root = folder();
      mkdirSync(join(root, 'tree'));
      writeFileSync(join(root, 'tree/plain'), 'needle');
      writeFileSync(Buffer.concat([Buffer.from(join(root, 'tree/')), Buffer.from([0x63, 0xe9])]), 'needle');
      const path = join(root, 'tree');
      for (const call of [
        { action: 'delete', path, recursive: true },
        { action: 'copy', path, to: `${path}2`, recursive: true },
      ])
        expect(await files(call)).toMatchObject({
          error: { code: 'FILE_REFUSED', message: expect.stringContaining('UTF-8') as string },
        });
      expect(readdirSync(path)).toHaveLength(2);
      const found = await files({ action: 'grep', path, pattern: 'needle' });
      expect(found.output).toBe('plain:1: needle');
      expect(found.metadata.warnings?.[0]).toContain('1 entries have names');
    });

    test('N6: a call that is cancelled stops in the middle and says so', async () => {
      const session = target().session();
      const callId = newId('call');
      const call = { action: 'find', path: '/', pattern: '*.never', exclude: [], timeout: 60 };
      const searching = session.call(call, { tool: 'filesystem', callId });
      const startedAt = performance.now();
      await target().machine.cancelCall({ sessionId: session.id, callId });
      expect(await searching).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
      expect(performance.now() - startedAt).toBeLessThan(5000);
    });

    test('P5: expected protects a file that was changed', async () => {
      const path = join(folder(), 'file');
      writeFileSync(path, 'one');
      const { version } = (await files({ action: 'read', path })).metadata;
      writeFileSync(path, 'other');
      expect(await files({ action: 'delete', path, expected: version })).toMatchObject({
        error: { code: 'FILE_CONFLICT' },
      });
      expect(existsSync(path)).toBe(true);
    });
  });
};
