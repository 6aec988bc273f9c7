/** How the hub itself is: process, port, lock, store, terminals. */
import { join } from 'node:path';
import { openLocalHub } from '../hub/connect.ts';
import { allTerminals } from '../hub/find-terminal.ts';
import type { HubCondition } from '../hub/locate.ts';
import type { Check, Finding } from './check.types.ts';

export const checkHub: Check = async ({ condition, environment: { home } }) => {
  if (condition === undefined) return [];
  const check = 'hub';
  switch (condition.kind) {
    case 'running': {
      const pid = condition.process === undefined ? '' : `, process ${condition.process.pid}`;
      const message = `runs on ${condition.origin}${pid}`;
      return [{ check, state: 'ok', message }, ...problemsOf(condition)];
    }
    case 'hung': {
      const message = `process ${condition.process.pid} runs, but ${condition.reason}`;
      return [{ check, state: 'problem', message, remedy: 'navisai restart (keeps every terminal)' }];
    }
    case 'dead':
      return [
        { check, state: 'warning', message: 'is not running', remedy: 'navisai up' },
        portFinding(condition),
        ...(await checkLock(home)),
      ];
  }
};

const problemsOf = ({ status }: Extract<HubCondition, { kind: 'running' }>): Finding[] => {
  if (status.problems.length === 0) return [{ check: 'store', state: 'ok', message: 'can be read and written' }];
  return status.problems.map(({ what, affects, remedy }) => ({
    check: 'store',
    state: 'problem',
    message: `${what} ${affects}`,
    remedy,
  }));
};

const portFinding = ({ port, stranger }: Extract<HubCondition, { kind: 'dead' }>): Finding =>
  stranger === undefined
    ? { check: 'port', state: 'ok', message: `${port} is free` }
    : {
        check: 'port',
        state: 'problem',
        message: `another program has ${port}: ${stranger}`,
        remedy: 'Stop it, or: navisai up --port=N',
      };

/** SQLITE_BUSY. */
const busy = 5;

/** The hub holds an exclusive lock while it lives; without a hub it must be free. */
const checkLock = async (home: string): Promise<Finding[]> => {
  const file = join(home, 'run', 'hub.lock');
  const { existsSync } = await import('node:fs');
  if (!existsSync(file)) return [];
  const { DatabaseSync } = await import('node:sqlite');
  try {
    using database = new DatabaseSync(file, { timeout: 0 });
    database.exec('begin exclusive; rollback');
    return [{ check: 'lock', state: 'ok', message: 'is free' }];
  } catch (error) {
    const isHeld = error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === busy;
    const message = isHeld ? 'is held by a hub that is not known' : 'cannot be read';
    return [{ check: 'lock', state: 'problem', message, remedy: `Find its process: lsof ${file}` }];
  }
};

/** A signed call to the end: key, signature, store, terminals. */
export const checkCalls: Check = async ({ condition, environment: { home } }) => {
  if (condition?.kind !== 'running') return [];
  const check = 'terminals';
  try {
    const hub = await openLocalHub(home);
    const terminals = await allTerminals(hub.api);
    const busyCount = terminals.filter(({ status }) => status === 'busy').length;
    const lost = terminals.filter(({ reason }) => reason?.startsWith('lost') === true);
    const message = `${busyCount} running, ${terminals.length - busyCount} ended`;
    if (lost.length === 0) return [{ check, state: 'ok', message }];
    const names = lost.map(({ name }) => name).join(', ');
    return [
      {
        check,
        state: 'warning',
        message: `${message}; lost with their host: ${names}`,
        remedy: 'navisai terminal close <name>',
      },
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check, state: 'problem', message, remedy: 'navisai logs' }];
  }
};
