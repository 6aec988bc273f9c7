/** Sessions: made, named, listed and closed; every change is an event of the session (I7, I8). */
import {
  type AgentSettings,
  type Device,
  NavisError,
  newId,
  type Session,
  type SessionUpdate,
} from '@navisai/protocol';
import type { StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';

/** What is made again begins so: `navisai doctor` looks for it. */
export const recoveredTitle = 'Recovered terminals';

export interface Sessions {
  create(request: SessionRequest): Promise<Session>;
  defaultOf(userId: string): Promise<Session>;
  /** Rejects NavisError NOT_FOUND for a session that is not there, was closed, or is another user's (U2). */
  visible(device: Device, sessionId: string): Promise<Session>;
  /** Newest first. */
  list(request: SessionPage): Promise<Session[]>;
  rename(session: Session, title: string): Promise<Session>;
  /** Its terminals are the caller's business. */
  close(session: Session): Promise<void>;
  isOpen(sessionId: string): Promise<boolean>;
  /** How many sessions were closed since the start: unchanged, a session that was open still is. */
  readonly closings: number;
  /** Makes a session that the store has no trace of; answers false for one that was closed. */
  restore(request: { id: string; title: string; userId: string }): Promise<boolean>;
}

export interface SessionPage {
  userId: string;
  kind?: Session['kind'] | undefined;
  after?: string | undefined;
  limit: number;
}

export interface SessionsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  instanceId: string;
  now: () => number;
}

export interface SessionRequest {
  title: string;
  userId: string;
  /** Default: `terminal`. */
  kind?: Session['kind'] | undefined;
  agent?: AgentSettings | undefined;
}

interface NewSessionRequest extends SessionRequest {
  id?: string;
  isDefault: boolean;
}

export const createSessions = ({ keeper, feed, instanceId, now }: SessionsParts): Sessions => {
  const notFound = (): NavisError => new NavisError('NOT_FOUND', 'There is no such session.');

  const insert = (request: NewSessionRequest): Promise<Session | undefined> =>
    feed.transaction(async (writer) => {
      const { id = newId('session'), kind = 'terminal' } = request;
      const createdAt = new Date(now()).toISOString();
      const isNew = await writer.sessions.create({ ...request, id, kind, instanceId, createdAt });
      return isNew ? tell(writer, { id, change: 'created' }) : undefined;
    });

  /** Appends the event of a change and answers the session as it is after it. */
  const tell = async (writer: StoreWriter, { id, change }: { id: string; change: SessionUpdate['change'] }) => {
    const session = await writer.sessions.get(id);
    if (session === undefined) throw notFound();
    const after = { ...session, seq: session.seq + 1, updatedAt: new Date(now()).toISOString() };
    await writer.appendEvents([
      { stream: id, type: 'session.update', sessionId: id, data: { change, session: after } },
    ]);
    return (await writer.sessions.get(id)) ?? after;
  };

  const create = async (request: SessionRequest): Promise<Session> => {
    const session = await insert({ ...request, isDefault: false });
    if (session === undefined) throw new NavisError('CONFLICT');
    return session;
  };

  let closings = 0;
  return {
    create,
    get closings() {
      return closings;
    },
    async defaultOf(userId) {
      const find = () => keeper.store.read.sessions.defaultOf(userId);
      const session = (await find()) ?? (await insert({ title: 'Default', userId, isDefault: true })) ?? (await find());
      if (session === undefined)
        throw new NavisError('CONFLICT', 'The default session was closed just now. Try again.');
      return session;
    },
    async visible(device, sessionId) {
      const session = await keeper.store.read.sessions.get(sessionId);
      if (session === undefined || (session.userId !== device.userId && device.scope !== 'admin')) throw notFound();
      return session;
    },
    list: (request) => keeper.store.read.sessions.list(request),
    rename: ({ id }, title) =>
      feed.transaction(async (writer) => {
        if (!(await writer.sessions.rename(id, title))) throw notFound();
        return tell(writer, { id, change: 'renamed' });
      }),
    async close({ id }) {
      await feed.transaction(async (writer) => {
        await tell(writer, { id, change: 'closed' });
        await writer.sessions.close(id, new Date(now()).toISOString());
      });
      closings += 1;
    },
    restore: async (request) => (await insert({ ...request, isDefault: false })) !== undefined,
    isOpen: async (sessionId) => (await keeper.store.read.sessions.get(sessionId)) !== undefined,
  };
};
