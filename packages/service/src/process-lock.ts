/** One program per home: a lock that the kernel drops with the process that holds it, however that ends. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { NavisError } from '@navisai/protocol';

/** SQLITE_BUSY. */
const busy = 5;

/**
 * SQLite's exclusive file lock (fcntl), of which Node.js has no other form: there is no stale lock to judge, no PID to
 * compare, no race of two that take over. Throws NavisError CONFLICT with this message when another process holds it.
 */
export const acquireProcessLock = (file: string, heldMessage: string): Disposable => {
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('pragma journal_mode = off; pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === busy)
      throw new NavisError('CONFLICT', heldMessage, { cause: error });
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
};
