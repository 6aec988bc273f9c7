/** The tools for files and code under a ceiling: nothing is reached but what it allows, whoever moves links meanwhile (N12). */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSandbox, makeConfined } from '../sandbox/sandbox-target.fixture.ts';
import type { TerminalTarget } from './terminal-target.fixture.ts';

describe.skipIf(!hasSandbox)('with a ceiling', () => {
  let made: TerminalTarget | undefined;
  let outside = '';
  const target = (): TerminalTarget => {
    if (made === undefined) throw new Error('The target is not made yet.');
    return made;
  };
  const files = (input: Record<string, unknown>) => target().session().call(input, { tool: 'filesystem' });
  const denied = { success: false, error: { code: 'POLICY_DENIED' } };

  beforeAll(async () => {
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'navis-outside-')));
    writeFileSync(join(outside, 'secret'), 'outside');
    made = await makeConfined({
      directories: [
        { path: '~/open', access: 'write' },
        { path: '~/read', access: 'read' },
      ],
    });
    for (const name of ['open', 'read', 'closed']) {
      mkdirSync(join(made.home, name));
      writeFileSync(join(made.home, name, 'file'), name);
    }
  });
  afterAll(async () => {
    await made?.[Symbol.asyncDispose]();
    rmSync(outside, { recursive: true, force: true });
  });

  test('N12: files are read and written where the ceiling allows, and nowhere else', async () => {
    const { home } = target();
    expect(await files({ action: 'read', path: '~/open/file' })).toMatchObject({ success: true, output: 'open' });
    expect(await files({ action: 'read', path: '~/read/file' })).toMatchObject({ success: true });
    expect(await files({ action: 'write', path: '~/open/new', content: 'x' })).toMatchObject({ success: true });
    const refused: Record<string, unknown>[] = [
      { action: 'write', path: '~/read/new', content: 'x' },
      { action: 'read', path: '~/closed/file' },
      { action: 'read', path: '~/closed/missing' },
      { action: 'read', path: join(outside, 'secret') },
      { action: 'read', path: '~/open/../closed/file' },
      { action: 'list', path: '~/closed' },
      { action: 'list', path: '~' },
      { action: 'find', path: '/' },
      { action: 'grep', path: outside, pattern: 'outside' },
      { action: 'copy', path: '~/closed/file', to: '~/open/stolen' },
      { action: 'copy', path: '~/open/file', to: '~/read/stolen' },
      { action: 'move', path: '~/read/file', to: '~/open/stolen' },
      { action: 'delete', path: '~/read/file' },
      { action: 'edit', path: '~/read/file', edits: [{ find: 'read', replace: 'x' }] },
      { action: 'diff', path: '~/open/file', to: '~/closed/file' },
      { action: 'write', path: `${home}/.navis/x`, content: 'x' },
      { action: 'list', path: `${home}/.navis` },
    ];
    for (const call of refused) expect(await files(call), JSON.stringify(call)).toMatchObject(denied);
    expect(readFileSync(join(home, 'read/file'), 'utf8')).toBe('read');
    const request = { sessionId: newId('session'), userId: 'u', origin: 'person', path: '~/closed/file' } as const;
    await expect(target().machine.readFile({ ...request, from: 0, maxBytes: 10 })).rejects.toMatchObject({
      code: 'POLICY_DENIED',
    });
    const piece = { transferId: 't-12345678', offset: 0, bytes: Buffer.from('x') };
    await expect(target().machine.writeFile({ ...request, ...piece })).rejects.toMatchObject({ code: 'POLICY_DENIED' });
  });

  test('N12: links to elsewhere are not followed out, neither named nor met on the way', async () => {
    const { home } = target();
    symlinkSync(outside, join(home, 'open/exit'));
    symlinkSync(join(outside, 'secret'), join(home, 'open/exit-file'));
    symlinkSync('/proc/self/root', join(home, 'open/root'));
    for (const path of ['~/open/exit/secret', '~/open/exit-file', `~/open/root${outside}/secret`])
      for (const call of [
        { action: 'read', path },
        { action: 'write', path, content: 'x' },
        { action: 'copy', path, to: '~/open/copy' },
      ])
        expect((await files(call)).success, JSON.stringify(call)).toBe(false);
    const found = await files({ action: 'grep', path: '~/open', pattern: 'outside' });
    expect(found.output).toBe('(no match)');
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('outside');
  });

  test('N12: a directory that is swapped for a link while calls run never leads them out', async () => {
    const { home } = target();
    const place = join(home, 'open/swap');
    const aside = join(home, 'open/aside');
    mkdirSync(place);
    writeFileSync(join(place, 'secret'), 'inside');
    writeFileSync(join(outside, 'victim'), 'outside');
    let isSwapping = true;
    let swaps = 0;
    const swapping = (async () => {
      while (isSwapping) {
        renameSync(place, aside);
        symlinkSync(outside, place);
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(place);
        renameSync(aside, place);
        swaps += 1;
        if (swaps % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const outcomes = new Set<string>();
    const endAt = performance.now() + 4000;
    for (let round = 0; performance.now() < endAt; round += 1) {
      const results = await Promise.all([
        files({ action: 'read', path: '~/open/swap/secret' }),
        files({ action: 'write', path: '~/open/swap/victim', content: 'inside' }),
        files({ action: 'write', path: `~/open/swap/new${round}`, content: 'inside' }),
        files({ action: 'grep', path: '~/open/swap', pattern: 'outside' }),
        files({ action: 'copy', path: '~/open/swap', to: `~/open/copied${round}`, recursive: true }),
        files({ action: 'delete', path: '~/open/swap/victim' }),
      ]);
      for (const { success, error, output } of results) {
        expect(output).not.toContain('outside');
        outcomes.add(success ? 'done' : (error?.code ?? ''));
      }
      if (round > 0) await files({ action: 'delete', path: `~/open/copied${round}`, recursive: true });
    }
    isSwapping = false;
    await swapping;
    // Both happened: calls that found the directory and calls that found the link.
    expect(outcomes).toContain('done');
    expect(outcomes).toContain('POLICY_DENIED');
    expect(swaps).toBeGreaterThan(20);
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('outside');
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('outside');
  });

  test('N12: code runs inside of the sandbox and sees nothing of Navis', async () => {
    const { home } = target();
    const code = `cat ${join(home, 'open/file')}; ls -A ${home}/.navis ${outside} 2>&1; cat ${home}/closed/file 2>&1; echo x > ${home}/open/by-code`;
    const result = await target().session().call({ language: 'shell', code }, { tool: 'code_exec' });
    expect(result.output).toMatch(/^open/);
    expect(result.output).not.toContain('calls');
    expect(result.output).not.toContain('secret');
    expect(result.output).not.toContain('closed\n');
    expect(readFileSync(join(home, 'open/by-code'), 'utf8')).toBe('x\n');
    const script = await target()
      .session()
      .call({ language: 'javascript', code: 'console.log(6*7)' }, { tool: 'code_exec' });
    expect(script.output + String(script.error?.code)).toMatch(/42|SPAWN_FAILED|NON_ZERO_EXIT/);
  });
});
