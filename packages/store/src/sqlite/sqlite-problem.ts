/** What SQLite's errors mean for the person: what is wrong and what to do about it (I17). */
import type { StoreProblem } from '../store.types.ts';

/** Primary result codes, https://sqlite.org/rescode.html. */
const codes = { readOnly: 8, inputOutput: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

const resultCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
};

/** No path is named: the person may be looking at this from another machine. */
export const describeSqliteError = (error: unknown): StoreProblem | undefined => {
  switch (resultCode(error)) {
    case codes.full:
      return {
        kind: 'unwritable',
        what: 'The disk that holds the store is full.',
        remedy: 'Free some space on the disk of the Navis directory; the hub goes on by itself.',
      };
    case codes.inputOutput:
      return {
        kind: 'unwritable',
        what: 'The store cannot be written: the disk reports an error, or it is full.',
        remedy: 'Check the disk of the Navis directory (space, health, mount); the hub goes on by itself.',
      };
    case codes.readOnly:
    case codes.cannotOpen:
      return {
        kind: 'unwritable',
        what: 'The store cannot be opened for writing.',
        remedy: 'Make the folder `store` in the Navis directory writable for the user of the hub.',
      };
    case codes.corrupt:
    case codes.notADatabase:
      return damagedStore;
    default:
      return undefined;
  }
};

export const damagedStore: StoreProblem = {
  kind: 'unreadable',
  what: 'The store is damaged.',
  remedy:
    'Restore the folder `store` in the Navis directory from a backup, or move it away to start empty; terminals are not part of it. The hub goes on by itself.',
};

export const newerStore: StoreProblem = {
  kind: 'unreadable',
  what: 'The store was written by a newer version of Navis.',
  remedy: 'Install that version again, or a later one.',
};

export const replacedStore: StoreProblem = {
  kind: 'unreadable',
  what: 'The file of the store was moved, deleted or replaced while the hub was running.',
  remedy: 'The hub opens what is there now by itself; put the file back if that was not intended.',
};

export const failingDisk: StoreProblem = {
  kind: 'unreadable',
  what: 'The disk does not confirm what the store has written.',
  remedy: 'Check the disk of the Navis directory (space, health, mount); the hub goes on by itself.',
};
