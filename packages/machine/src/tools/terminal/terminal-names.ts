/** The names and places of each session's terminals: unique, at most ten, taken before anything is started (T15, T16). */
import { maxTerminalsPerSession, NavisError } from '@navisai/protocol';
import type { PtyHosts, TerminalRecord } from '../../pty-hosts.types.ts';

export interface NameRequest {
  sessionId: string;
  name: string;
}

export interface TerminalNames {
  /** Takes the name and a place at once; given back by disposing, when the record exists or the start failed. */
  reserve(request: NameRequest): Disposable;
  /** Throws TERMINAL_NOT_FOUND, in the same words for unknown and foreign names (T23). */
  find(request: NameRequest): TerminalRecord;
  ofSession(sessionId: string): TerminalRecord[];
}

export const createTerminalNames = (hosts: Pick<PtyHosts, 'list'>): TerminalNames => {
  /** Names about to be opened, by session; an entry lives as long as its open. */
  const reserved = new Map<string, Set<string>>();
  const ofSession = (sessionId: string): TerminalRecord[] =>
    hosts.list().filter((record) => record.sessionId === sessionId);

  return {
    ofSession,
    find({ sessionId, name }) {
      const record = ofSession(sessionId).find((candidate) => candidate.name === name);
      if (record === undefined)
        throw new NavisError('TERMINAL_NOT_FOUND', `There is no terminal named '${name}' in this session.`, {
          field: 'terminal_name',
        });
      return record;
    },
    reserve({ sessionId, name }) {
      const records = ofSession(sessionId);
      const opening = reserved.get(sessionId) ?? new Set<string>();
      const taken = new Set([...records.map((record) => record.name), ...opening]);
      if (taken.has(name)) throw nameTaken(name);
      if (taken.size >= maxTerminalsPerSession) throw noPlace(records);
      reserved.set(sessionId, opening.add(name));
      return {
        [Symbol.dispose]() {
          opening.delete(name);
          if (opening.size === 0) reserved.delete(sessionId);
        },
      };
    },
  };
};

const nameTaken = (name: string): NavisError =>
  new NavisError(
    'TERMINAL_EXISTS',
    `A terminal named '${name}' is already open in this session. Nothing was started; choose another name or close it first.`,
    { field: 'terminal_name' },
  );

const noPlace = (records: TerminalRecord[]): NavisError => {
  const ended = records.filter(({ exit }) => exit !== null).map(({ name }) => `'${name}'`);
  const all = records.map(({ name }) => `'${name}'`).join(', ');
  const advice =
    ended.length > 0
      ? `Close one that has ended, such as ${ended.join(', ')}`
      : `Close one that is no longer needed: ${all}`;
  return new NavisError(
    'TERMINAL_LIMIT',
    `This session has its ${maxTerminalsPerSession} terminals. ${advice}. Nothing was started.`,
  );
};
