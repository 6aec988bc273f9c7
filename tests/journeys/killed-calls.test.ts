/** Calls of every tool under `kill -9` of the hub: what is repeated with its id is done at most once, and told honestly (N7, P5). */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { createSession, startHub } from '@navisai/testkit';
import { expect, test } from 'vitest';

const rounds = 12;
const killLaterMs = 20;

test('N7: what was under way when the hub was killed is done at most once, whoever asks again', async () => {
  await using hub = await startHub();
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const call = (tool: string, body: object): Promise<ToolResult> =>
    api.callTool({ params: { id: sessionId, tool }, body: body as Record<string, unknown> });
  const counts = join(hub.userHome, 'counts');
  const file = join(hub.userHome, 'file');
  await writeFile(counts, '');
  const shell = { action: 'open', terminal_name: 'sh', description: 'shell', command: 'bash --norc', background: true };
  expect(await call('terminal', shell)).toMatchObject({ success: true });
  const expected = new Set(['INTERRUPTED', undefined]);
  const codes: (string | undefined)[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await writeFile(file, `round ${round}\n`);
    const deeds: [string, Record<string, unknown>][] = [
      ['terminal', { action: 'run', command: `echo run${round} >> ${counts}; sleep 0.2` }],
      ['terminal', { action: 'run', terminal_name: 'sh', command: `echo shell${round} >> ${counts}` }],
      ['code_exec', { language: 'shell', code: `echo code${round} >> ${counts}` }],
      ['filesystem', { action: 'edit', path: file, edits: [{ find: 'round', replace: 'round round' }] }],
    ];
    const named = deeds.map(([tool, body]) => ({ tool, body: { ...body, call_id: newId('call') } }));
    const lost = named.map(({ tool, body }) => call(tool, body).catch(() => null));
    // Earlier or later in their lives; whatever the moment is, the rest must hold.
    await delay(killLaterMs * round);
    await hub.kill();
    await Promise.all(lost);
    await hub.start();
    for (const { tool, body } of named) {
      const first = await call(tool, body);
      codes.push(first.error?.code);
      expect(expected, JSON.stringify(first)).toContain(first.error?.code);
      expect(await call(tool, body)).toEqual(first);
    }
    const lines = (await readFile(counts, 'utf8')).trim().split('\n');
    expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
    expect((await readFile(file, 'utf8')).match(/round/g)?.length).toBeLessThanOrEqual(2);
  }
  expect(codes).toContain(undefined);
  expect((await readFile(counts, 'utf8')).split('\n').length).toBeGreaterThan(rounds);
});
