/** Finds the terminal that a person means by a name or an id. */
import type { Api } from '@navisai/client';
import type { TerminalInfo } from '@navisai/protocol';
import { nearest } from '../command-line/suggest.ts';
import { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import { resolveSession } from './session.ts';

/** Bounds the walk over all sessions. */
const maxPages = 100;
const pageLimit = 500;

/** Of every session, newest session first. */
export const allTerminals = async (api: Api): Promise<TerminalInfo[]> => {
  const terminals: TerminalInfo[] = [];
  let after: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { sessions, next } = await api.sessions({ query: { limit: pageLimit, after } });
    terminals.push(...sessions.flatMap((session) => session.terminals));
    if (next === null) break;
    after = next;
  }
  return terminals;
};

export interface TerminalPlace {
  session: string | undefined;
  nodeId: string | undefined;
}

/**
 * By id anywhere; by name in the given session, else in the default session, else in the only session that has one of
 * this name.
 */
export const findTerminal = async (api: Api, wanted: string, place: TerminalPlace): Promise<TerminalInfo> => {
  const { session, nodeId } = place;
  const isMeant = (one: TerminalInfo): boolean =>
    (one.name === wanted || one.id === wanted) && (nodeId === undefined || one.nodeId === nodeId);
  const sessionId = await resolveSession(api, session);
  const { terminals } = await api.session({ params: { id: sessionId } });
  const here = terminals.find(isMeant);
  if (here !== undefined) return here;
  const others = session === undefined ? await allTerminals(api) : terminals;
  const found = others.filter(isMeant);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first !== undefined) throw ambiguous(wanted, found);
  throw notFound(wanted, others);
};

/** Throws a CommandError NODE_OFFLINE for a terminal whose node is away: nothing of it can be shown or typed. */
export const requireReachable = ({ name, nodeId, reachable }: TerminalInfo): void => {
  if (reachable !== false) return;
  throw new CommandError(`The node of the terminal "${printable(name, 64)}" is not connected.`, {
    code: 'NODE_OFFLINE',
    exitCode: 3,
    affects: 'It goes on there.',
    remedy: `navisai nodes show ${printable(nodeId, 64)}`,
  });
};

const ambiguous = (wanted: string, found: readonly TerminalInfo[]): CommandError =>
  new CommandError(`Several sessions have a terminal "${printable(wanted, 64)}".`, {
    code: 'CONFLICT',
    exitCode: 6,
    remedy: found.map(({ sessionId }) => `--session ${sessionId}`).join('\n'),
  });

const notFound = (wanted: string, known: readonly TerminalInfo[]): CommandError => {
  const meant = nearest(
    wanted,
    known.map(({ name }) => name),
  );
  return new CommandError(`There is no terminal "${printable(wanted, 64)}".`, {
    code: 'TERMINAL_NOT_FOUND',
    exitCode: 5,
    remedy: meant === undefined ? 'navisai terminal list --all' : `Did you mean ${meant}?`,
  });
};
