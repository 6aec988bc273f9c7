/** Routes about sessions and their event logs (I7, I8). */
import { NavisError, pageSize, type Session, type SessionWithTerminals } from '@navisai/protocol';
import { hubStream } from '@navisai/store';
import type { Agents } from '../agents/create-agents.ts';
import { untitled } from '../agents/conversation/conversations.ts';
import type { Handlers } from '../http/handler.types.ts';
import type { Hub, SocketEdge } from '../hub.ts';
import type { Sessions } from '../services/sessions.ts';

export type SessionHandlers = Pick<
  Handlers,
  | 'sessions'
  | 'createSession'
  | 'defaultSession'
  | 'session'
  | 'changeSession'
  | 'closeSession'
  | 'sessionEvents'
  | 'hubEvents'
>;

export interface SessionHandlerParts {
  hub: Hub;
  agents: Agents;
  sessions: Sessions;
  edge: SocketEdge;
}

export const sessionHandlers = ({ hub, agents, sessions, edge }: SessionHandlerParts): SessionHandlers => {
  const withTerminals = (session: Session): SessionWithTerminals => ({
    ...agents.describe(session),
    terminals: hub.machine.terminals(session.id).map((terminal) => edge.describeTerminal(terminal)),
  });

  const page = async (request: { stream: string; after?: number | undefined; limit?: number | undefined }) => {
    const { stream, after = 0, limit = pageSize.default } = request;
    const { generation } = hub.events;
    const { events, seq } = await hub.events.read({ stream, after, limit });
    return { generation, events: events.map(({ event }) => event), seq };
  };

  return {
    async sessions({ query, device }) {
      const limit = query.limit ?? pageSize.default;
      const found = await sessions.list({
        userId: device.userId,
        kind: query.kind,
        after: query.after,
        limit: limit + 1,
      });
      const shown = found.slice(0, limit);
      const next = found.length > limit ? (shown.at(-1)?.id ?? null) : null;
      return { sessions: shown.map(withTerminals), next };
    },
    async createSession({ body, device }) {
      const kind = body.kind ?? (body.agent === undefined ? 'terminal' : 'agent');
      const agent = kind === 'terminal' ? undefined : await agents.setup.complete(body.agent ?? {});
      if (kind === 'acp' && (agent?.acpAgent ?? null) === null)
        throw new NavisError('INVALID_REQUEST', 'agent.acpAgent: is required.', { field: 'agent.acpAgent' });
      const title = body.title ?? (kind === 'terminal' ? 'Terminals' : untitled);
      return agents.describe(await sessions.create({ title, userId: device.userId, kind, agent }));
    },
    defaultSession: ({ device }) => sessions.defaultOf(device.userId),
    session: async ({ params, device }) => withTerminals(await sessions.visible(device, params.id)),
    async changeSession({ params, body, device }) {
      const session = await sessions.visible(device, params.id);
      const renamed = body.title === undefined ? session : await sessions.rename(session, body.title);
      return agents.describe(body.agent === undefined ? renamed : await agents.setup.configure(renamed, body.agent));
    },
    async closeSession({ params, device }) {
      const session = await sessions.visible(device, params.id);
      await agents.conversations.stop(session);
      // First closed, so that no call can open another terminal in it.
      await sessions.close(session);
      await hub.machine.closeSession(session.id, 'The session was closed.');
    },
    async sessionEvents({ params, query, device }) {
      const session = await sessions.visible(device, params.id);
      return page({ stream: session.id, ...query });
    },
    hubEvents: ({ query }) => page({ stream: hubStream, ...query }),
  };
};
