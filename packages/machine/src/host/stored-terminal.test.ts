/** What is found of terminals on disk at a start. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStoredTerminals, terminalDirectory, writeStoredTerminal, type StoredTerminal } from './stored-terminal.ts';

let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'navis-stored-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const leave = (id: string, files: Record<string, string>): string => {
  const directory = terminalDirectory(state, id);
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

test('T19: the screen of a closed terminal that was written too late is removed, and nobody is troubled with it', () => {
  const late = leave('t_late', { 'screen.json': '{}' });
  const unreadable: string[] = [];
  expect(readStoredTerminals(state, (directory) => unreadable.push(directory))).toEqual([]);
  expect(unreadable).toEqual([]);
  expect(existsSync(late)).toBe(false);
});

test('T18: a folder with output and without a record is told, and kept', () => {
  const broken = leave('t_broken', { 'screen.json': '{}', '0.log': 'output', 'record.json': '{' });
  const unreadable: string[] = [];
  expect(readStoredTerminals(state, (directory) => unreadable.push(directory))).toEqual([]);
  expect(unreadable).toEqual([broken]);
  expect(existsSync(broken)).toBe(true);
});

test('T20: terminals come back in the order in which they were opened, whatever their ids', () => {
  const ids = ['t_zzzz', 't_aaaa', 't_mmmm'];
  for (const [index, terminalId] of ids.entries()) {
    const startedAt = new Date(index).toISOString();
    const terminal = { version: 1, terminalId, pid: 1, startedAt } as StoredTerminal;
    writeStoredTerminal(terminalDirectory(state, terminalId), terminal);
  }
  expect(readStoredTerminals(state, () => undefined).map(({ terminalId }) => terminalId)).toEqual(ids);
});
