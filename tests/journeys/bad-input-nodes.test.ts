/** Every argument about nodes with what it cannot be: named, exit code 2, before a hub is asked (I12). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../apps/cli/src/command-line/run-program.fixture.ts';
import { hostileTexts, leakPattern } from './hostile.fixture.ts';

const expectRefusal = async (words: readonly string[], named: string | RegExp): Promise<void> => {
  const about = words.join(' ').slice(0, 200);
  const { exitCode, stdout, stderr } = await runCli(...words);
  expect({ about, exitCode, stdout }).toEqual({ about, exitCode: 2, stdout: '' });
  expect(stderr).toMatch(named);
  expect(stderr).toContain('Nothing was done.');
  expect(stderr.length).toBeLessThan(2000);
  expect(stderr).not.toMatch(leakPattern);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
};

/** `constructor` and its like are names as good as others. */
const hostileBut = (allowed: RegExp): string[] => Object.values(hostileTexts).filter((text) => !allowed.test(text));
const hostileNodes = hostileBut(/^[\w.-]+$/);

test('N5: a selector that is none is refused by name', async () => {
  const wrong = [',', 'a,,b', '=x', '!=x', 'a b', 'ä=1', 'k=a\x1b[2J', `k=${'v'.repeat(65)}`, 'k,'.repeat(101), '!k'];
  for (const on of [...wrong, ...hostileBut(/^[\w./-]+$/)]) {
    await expectRefusal(['run', `--on=${on}`, '--', 'true'], '--on');
    await expectRefusal(['nodes', 'list', `--on=${on}`], '--on');
  }
});

test('N5: flags about many nodes contradict those about one, and mean nothing without --on', async () => {
  await expectRefusal(['run', '--on', 'all', '--node', 'a', '--', 'true'], /--on and --node/);
  await expectRefusal(['run', '--on', 'all', '--keep-going', '--max-failures', '2', '--', 'true'], /--max-failures/);
  for (const flag of ['--concurrency=2', '--canary=1', '--keep-going', '--max-failures=1'])
    await expectRefusal(['run', flag, '--', 'true'], flag.split('=')[0] ?? '');
  await expectRefusal(['run', '--on', 'all'], '<command>');
});

test('N3: names and labels that are none are refused by name', async () => {
  for (const name of ['.x', '_x', 'a b', 'a/b', 'x'.repeat(64), ...hostileNodes])
    await expectRefusal(['nodes', 'add', name], '<name>');
  const labels = ['role', '=x', 'a b=c', 'k=a\x1b[2J', `${'k'.repeat(65)}=v`, `k=${'v'.repeat(65)}`, '__proto__=x'];
  for (const label of labels) {
    await expectRefusal(['nodes', 'add', 'web', `--label=${label}`], '--label');
    await expectRefusal(['nodes', 'label', 'web', label], '<changes>');
  }
  const many = Array.from({ length: 33 }, (_, index) => `--label=k${index}=v`);
  await expectRefusal(['nodes', 'add', 'web', ...many], '--label may be given at most 32 times');
  await expectRefusal(['nodes', 'add', 'web', '--timeout', '5'], '--wait');
  for (const node of hostileNodes) await expectRefusal(['nodes', 'label', node, 'a=b'], '<node>');
});

test('N12: an overlay that is none is refused, naming the file or the field', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nv-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'overlay.json');
  const set = ['nodes', 'policy', 'web', '--set', file];
  const refusal = async (content: string, named: string): Promise<void> => {
    writeFileSync(file, content);
    const { exitCode, stdout, stderr } = await runCli(...set);
    expect({ content: content.slice(0, 100), exitCode, stdout }).toMatchObject({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr.length).toBeLessThan(2000);
  };
  for (const path of ['/does/not/exist', '/']) await expectRefusal(['nodes', 'policy', 'web', '--set', path], '--set');
  await expectRefusal([...set, '--remove'], '--set and --remove');
  for (const text of ['', '{', '\0', 'x'.repeat(10_000), '\xff\xfe']) await refusal(text, '--set');
  await refusal('x'.repeat(9 * 1024 * 1024), '--set is too large');
  for (const value of [null, [], 1, 'x', {}]) await refusal(JSON.stringify(value), 'The overlay is not valid');
  const wrong: Record<string, unknown> = {
    version: 2,
    tools: ['No Tool'],
    programs: [''],
    directories: [{ path: 'relative', access: 'read' }],
    hours: [{ from: '8', to: '9' }],
    readOnly: 'yes',
    network: 1,
    surprise: true,
  };
  for (const [field, value] of Object.entries(wrong))
    await refusal(JSON.stringify({ version: 1, [field]: value }), field);
});

test('I12: a place that is none is refused by name', async () => {
  for (const place of [':x', 'a b:x', 'ü:x', `${'n'.repeat(65)}:x`, '\x1b[2J:x']) {
    await expectRefusal(['cp', place, 'y'], '<from>');
    await expectRefusal(['cp', 'y', place], '<to>');
  }
  await expectRefusal(['cp', 'x'], '<to>');
});

test('N2: what is no address of a hub, and every key on the command line, is refused', async () => {
  const wrong = ['http://x', 'ftp://x', 'https://x/path', 'https://u:p@x', 'https://x?y', 'https://x#y', 'a b', ''];
  for (const url of [...wrong, ...hostileNodes]) await expectRefusal(['node', 'join', url], '<hub-url>');
  const key = `navis1.n_abcdefgh.${'A'.repeat(43)}.${'B'.repeat(22)}`;
  for (const words of [[key], ['https://x', `--key=${key}`]]) {
    await expectRefusal(['node', 'join', ...words], 'NODE_API_KEY');
    expect((await runCli('node', 'join', ...words)).stderr).not.toContain('BBBB');
  }
  await expectRefusal(['node', 'join', 'https://x', '--system'], '--service');
});

test('N12: policy explain needs something to explain', async () => {
  await expectRefusal(['policy', 'explain'], 'Nothing to explain');
  await expectRefusal(['policy', 'explain', '--action', 'read'], 'Nothing to explain');
  for (const name of hostileNodes) {
    await expectRefusal(['policy', 'explain', `--tool=${name}`, '--', 'x'], '--tool');
    await expectRefusal(['policy', 'explain', `--node=${name}`, '--', 'x'], '--node');
  }
});
