/** What a terminal leaves on disk beside its log: `record.json`, always replaced as a whole. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerminalRecord } from '../pty-hosts.types.ts';

/** `environment` is left empty: it may hold secrets, and nothing needs it after the start. */
export interface StoredTerminal extends TerminalRecord {
  version: 1;
  hostId: string;
  /** Of the boot in which it ran. */
  bootId: string;
}

const fileName = 'record.json';
const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

export const terminalsDirectory = (stateDirectory: string): string => join(stateDirectory, 'terminals');

/** Ids become folder names, so anything that could leave the folder is refused. */
export const isTerminalId = (id: string): boolean => idPattern.test(id);

export const terminalDirectory = (stateDirectory: string, terminalId: string): string =>
  join(terminalsDirectory(stateDirectory), terminalId);

/** Throws when the disk refuses. */
export const writeStoredTerminal = (directory: string, terminal: StoredTerminal): void => {
  const path = join(directory, fileName);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(terminal), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** All that can be read, in the order in which they were opened; `onUnreadable` is told the folders that cannot. */
export const readStoredTerminals = (stateDirectory: string, onUnreadable: (directory: string) => void) => {
  const found: StoredTerminal[] = [];
  for (const name of namesIn(terminalsDirectory(stateDirectory))) {
    const directory = terminalDirectory(stateDirectory, name);
    const terminal = readStoredTerminal(directory);
    if (terminal?.terminalId === name) found.push(terminal);
    else if (isOnlyScreen(directory)) removeStoredTerminal(directory);
    else onUnreadable(directory);
  }
  return found.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
};

const readStoredTerminal = (directory: string): StoredTerminal | null => {
  try {
    const content = JSON.parse(readFileSync(join(directory, fileName), 'utf8')) as Partial<StoredTerminal>;
    return content.version === 1 && typeof content.pid === 'number' ? (content as StoredTerminal) : null;
  } catch {
    return null;
  }
};

/** A screen that was being written when its terminal was closed comes back after everything else was removed. */
const isOnlyScreen = (directory: string): boolean => {
  try {
    return readdirSync(directory).every((name) => name.startsWith('screen.json'));
  } catch {
    return false;
  }
};

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).filter(isTerminalId);
  } catch {
    return [];
  }
};

/** Removes record, log and screen; a screen that is being written just now makes a second try needed. */
export const removeStoredTerminal = (directory: string): void =>
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
