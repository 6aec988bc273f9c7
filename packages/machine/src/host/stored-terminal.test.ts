import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readStoredTerminals, terminalDirectory, writeStoredTerminal, type StoredTerminal } from './stored-terminal.ts';

test('T20: terminals come back in the order in which they were opened, whatever their ids', () => {
  const folder = mkdtempSync(join(tmpdir(), 'navis-stored-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ids = ['t_zzzz', 't_aaaa', 't_mmmm'];
  for (const [index, terminalId] of ids.entries()) {
    const startedAt = new Date(index).toISOString();
    const terminal = { version: 1, terminalId, pid: 1, startedAt } as StoredTerminal;
    writeStoredTerminal(terminalDirectory(folder, terminalId), terminal);
  }
  expect(readStoredTerminals(folder, () => undefined).map(({ terminalId }) => terminalId)).toEqual(ids);
});
