/** What a program that was killed left beside files is removed when the next one starts, and nothing else (N7, P5). */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CallJournal } from './call-journal.ts';
import { makeLocalTarget, until } from './terminal-target.fixture.ts';

test('N7: half written files and directories of a killed program are gone', async () => {
  await using target = await makeLocalTarget();
  const state = join(target.home, 'state-of-another');
  const half = join(target.home, '.navis-0123456789abcdef.tmp');
  const tree = join(target.home, '.navis-fedcba9876543210.tmp');
  const valuable = join(target.home, 'valuable');
  writeFileSync(half, 'half');
  mkdirSync(join(tree, 'deep'), { recursive: true });
  writeFileSync(join(tree, 'deep/file'), 'half');
  writeFileSync(valuable, 'kept');
  // A program that dies in the middle of three calls: it says no goodbye.
  const killed = new CallJournal({ path: join(state, 'calls.journal') });
  for (const [index, path] of [half, tree, valuable].entries()) {
    const key = { sessionId: 's_killed', callId: `call-${index}` };
    killed.begin(key);
    killed.noteTemporary(key, path);
  }
  await using next = await makeLocalTarget({ stateDirectory: state });
  await until('they are removed', () => !existsSync(half) && !existsSync(tree));
  expect(existsSync(valuable)).toBe(true);
  const call = { tool: 'filesystem', arguments: { action: 'write', path: half, content: '' }, userId: 'u' } as const;
  const names = { sessionId: 's_killed', callId: 'call-0', origin: 'person' } as const;
  expect(await next.machine.execute({ ...call, ...names })).toMatchObject({ error: { code: 'INTERRUPTED' } });
  killed[Symbol.dispose]();
});
