/** A lock between processes: a file that names its owner, taken over when the owner is gone. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const pollMs = 100;

/** Rejects when somebody else keeps the lock for longer than `deadlineMs`. */
export async function takeLock(path: string, deadlineMs: number): Promise<Disposable> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + deadlineMs;
  while (!tryLock(path)) {
    if (performance.now() > deadline) throw new Error(`${path} is held by process ${readFileSync(path, 'utf8')}`);
    await wait(pollMs);
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

function tryLock(path: string): boolean {
  // Linked into place, so that nobody sees it without its owner.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch {
    if (!isOwnerAlive(path)) rmSync(path, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function isOwnerAlive(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    // Somebody else's process, or a lock that was just given back.
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}
