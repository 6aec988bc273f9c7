/** The fold of the home screen: lists and events in, state out; pure. */
import type { LinkState } from '@navisai/link';
import type {
  Approval,
  Device,
  EventData,
  HubEvent,
  HubStatus,
  NavisError,
  NodeInfo,
  Session,
  SessionUpdate,
  SessionWithTerminals,
  TerminalInfo,
} from '@navisai/protocol';
import { mainNodeId } from '@navisai/protocol';
import type { HomeNotice, HomeState } from './home.types.ts';

/** What one refresh fetched. */
export interface HomeLists {
  status: HubStatus;
  sessions: SessionWithTerminals[];
  approvals: Approval[];
  devices: Device[];
  nodes: NodeInfo[];
}

export type HomeAction =
  | { kind: 'link'; link: LinkState }
  | { kind: 'sessions'; sessions: SessionWithTerminals[] }
  | { kind: 'lists'; lists: HomeLists }
  | { kind: 'failed'; error: NavisError }
  | { kind: 'event'; event: HubEvent };

const maxNotices = 50;

export const emptyHome: HomeState = {
  link: { kind: 'connecting' },
  isLoaded: false,
  error: null,
  status: null,
  sessions: [],
  approvals: [],
  devices: [],
  nodes: [],
  notices: [],
  recallChanges: 0,
};

/** The next state; the same object when nothing changed. Events that the state already contains change nothing. */
export const foldHome = (state: HomeState, action: HomeAction): HomeState => {
  switch (action.kind) {
    case 'link':
      return { ...state, link: action.link };
    case 'sessions':
      return { ...state, sessions: sortSessions(action.sessions) };
    case 'lists':
      return { ...noteRecalls(state), ...sortLists(action.lists), isLoaded: true, error: null };
    case 'failed':
      return { ...state, error: action.error };
    case 'event':
      return foldEvent(state, action.event);
  }
};

const foldEvent = (state: HomeState, event: HubEvent): HomeState => {
  switch (event.type) {
    case 'daemon.status':
      return { ...state, status: event.data };
    case 'device.updated':
      return { ...state, devices: upsert(state.devices, event.data.device, byCreation) };
    case 'node.updated':
      return { ...state, nodes: foldNode(state.nodes, event.data) };
    case 'approval.request':
    case 'approval.updated':
      return { ...state, approvals: upsert(state.approvals, event.data.approval, newestFirst) };
    case 'recall.updated':
      return noteRecalls(state);
    case 'session.update':
      return event.sessionId === undefined ? state : foldSessionUpdate(state, { ...event, sessionId: event.sessionId });
    default:
      return state;
  }
};

const noteRecalls = (state: HomeState): HomeState => ({ ...state, recallChanges: state.recallChanges + 1 });

const foldNode = (nodes: readonly NodeInfo[], { change, node }: EventData<'node.updated'>): NodeInfo[] => {
  if (change === 'removed') return nodes.filter(({ id }) => id !== node.id);
  const known = nodes.find(({ id }) => id === node.id);
  // A late copy of what an older connection said.
  return known !== undefined && known.epoch > node.epoch ? [...nodes] : upsert(nodes, node, byNodeName);
};

interface SessionEvent {
  sessionId: string;
  data: SessionUpdate;
  timestamp: string;
}

const foldSessionUpdate = (state: HomeState, event: SessionEvent): HomeState => {
  const known = state.sessions.find((session) => session.id === event.sessionId);
  const { seq } = event.data;
  if (known !== undefined && seq !== undefined && seq <= known.seq) return state;
  if (event.data.change === 'closed') {
    return { ...state, sessions: state.sessions.filter((session) => session.id !== event.sessionId) };
  }
  const base = known ?? (event.data.session === undefined ? undefined : { ...event.data.session, terminals: [] });
  if (base === undefined) return state;
  const next = applyUpdate(base, event);
  return { ...state, sessions: upsert(state.sessions, next, newestFirst), notices: addNotice(state.notices, event) };
};

const applyUpdate = (session: SessionWithTerminals, event: SessionEvent): SessionWithTerminals => {
  const { change, terminal, session: facts, seq } = event.data;
  const merged: Session = facts ?? session;
  const terminals = terminal === undefined ? session.terminals : foldTerminal(session.terminals, { change, terminal });
  const next = { ...merged, seq: Math.max(merged.seq, seq ?? session.seq), terminals };
  return seq === undefined ? next : { ...next, updatedAt: event.timestamp };
};

const foldTerminal = (
  terminals: readonly TerminalInfo[],
  update: { change: SessionUpdate['change']; terminal: TerminalInfo },
): TerminalInfo[] => {
  const { change, terminal } = update;
  if (change === 'terminal.closed') return terminals.filter((known) => known.id !== terminal.id);
  const known = terminals.find((candidate) => candidate.id === terminal.id);
  // A late copy about a closed terminal must not bring it back; what is exited stays exited.
  if (known === undefined && change === 'terminal.updated') return [...terminals];
  const isStale = known?.exitedAt !== undefined && known.exitedAt !== null && terminal.exitedAt === null;
  return isStale ? [...terminals] : upsert(terminals, terminal, byStart);
};

const addNotice = (notices: readonly HomeNotice[], event: SessionEvent): readonly HomeNotice[] => {
  const { change, terminal, reason } = event.data;
  if (terminal === undefined || reason === undefined) return notices;
  if (change !== 'terminal.closed' && change !== 'terminal.idle_warning') return notices;
  const notice = {
    sessionId: event.sessionId,
    terminalId: terminal.id,
    terminalName: terminal.name,
    change,
    reason,
    timestamp: event.timestamp,
  };
  return [...notices, notice].slice(-maxNotices);
};

const sortLists = (lists: HomeLists): HomeLists => ({
  status: lists.status,
  sessions: sortSessions(lists.sessions),
  approvals: lists.approvals.toSorted(newestFirst),
  devices: lists.devices.toSorted(byCreation),
  nodes: lists.nodes.toSorted(byNodeName),
});

const sortSessions = (sessions: readonly SessionWithTerminals[]): SessionWithTerminals[] =>
  sessions.map((session) => ({ ...session, terminals: session.terminals.toSorted(byStart) })).toSorted(newestFirst);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const newestFirst = (a: { createdAt: string; id: string }, b: { createdAt: string; id: string }): number =>
  compare(b.createdAt, a.createdAt) || compare(b.id, a.id);

const byCreation = (a: { createdAt: string; id: string }, b: { createdAt: string; id: string }): number =>
  -newestFirst(a, b);

const byNodeName = (a: NodeInfo, b: NodeInfo): number =>
  Number(b.id === mainNodeId) - Number(a.id === mainNodeId) || compare(a.name, b.name) || compare(a.id, b.id);

const byStart = (a: TerminalInfo, b: TerminalInfo): number => compare(a.startedAt, b.startedAt) || compare(a.id, b.id);

const upsert = <T extends { id: string }>(list: readonly T[], item: T, order: (a: T, b: T) => number): T[] => {
  const index = list.findIndex((known) => known.id === item.id);
  return index < 0 ? [...list, item].toSorted(order) : list.with(index, item);
};
