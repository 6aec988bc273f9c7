/** How the agent of a session is set up: completed, and checked before it is kept (P4). */
import {
  defaultProfileId,
  type AgentSettings,
  modelReferenceSchema,
  NavisError,
  type Session,
  type SessionUpdate,
} from '@navisai/protocol';
import type { StoreFeed } from '@navisai/store';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { Profiles } from '../agents.types.ts';

export interface AgentSettingsParts {
  feed: StoreFeed;
  profiles: Profiles;
  registry: NodeRegistry;
}

export type SettingsChange = Partial<Omit<AgentSettings, 'forkedFrom'>>;

export interface AgentSetup {
  /** Of a session that is about to be made. Rejects NavisError INVALID_ARGUMENT naming the field. */
  complete(change: SettingsChange, before?: AgentSettings): Promise<AgentSettings>;
  /** From the next message on. Rejects NavisError INVALID_ARGUMENT, CONFLICT for a session without an agent. */
  configure(session: Session, change: SettingsChange): Promise<Session>;
}

const defaults: AgentSettings = {
  profile: defaultProfileId,
  nodeId: null,
  directory: null,
  model: null,
  approvals: null,
  projectId: null,
  forkedFrom: null,
  acpAgent: null,
};

export const createAgentSetup = ({ feed, profiles, registry }: AgentSettingsParts): AgentSetup => {
  const requireProfile = async (id: string): Promise<void> => {
    try {
      await profiles.get(id);
    } catch (error) {
      const message = error instanceof NavisError ? error.message : `The profile ${id} cannot be read.`;
      throw new NavisError('INVALID_ARGUMENT', message, { field: 'profile' });
    }
  };

  const nodeId = (node: string): string => {
    const found = registry.find(node);
    if (found === undefined)
      throw new NavisError('INVALID_ARGUMENT', `There is no node ${JSON.stringify(node)}.`, { field: 'nodeId' });
    return found.id;
  };

  const complete = async (change: SettingsChange, before = defaults): Promise<AgentSettings> => {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const settings: AgentSettings = { ...before, ...given };
    if (change.profile !== undefined) await requireProfile(change.profile);
    const { model = null, nodeId: node = null } = change;
    if (model !== null && !modelReferenceSchema.safeParse(model).success)
      throw new NavisError('INVALID_ARGUMENT', 'model: must be provider/model.', { field: 'model' });
    return node === null ? settings : { ...settings, nodeId: nodeId(node) };
  };

  return {
    complete,
    async configure(session, change) {
      if (session.agent === undefined)
        throw new NavisError('CONFLICT', 'This session has no agent: it is for terminals only.');
      const settings = await complete(change, session.agent);
      return feed.transaction(async ({ conversations, sessions, appendEvents }) => {
        await conversations.configure(session.id, settings);
        const now = await sessions.get(session.id);
        if (now === undefined) throw new NavisError('NOT_FOUND', 'There is no such session.');
        const data: SessionUpdate = { change: 'configured', session: { ...now, seq: now.seq + 1 } };
        await appendEvents([{ stream: session.id, sessionId: session.id, type: 'session.update', data }]);
        return (await sessions.get(session.id)) ?? now;
      });
    },
  };
};
