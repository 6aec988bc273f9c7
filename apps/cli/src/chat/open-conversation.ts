/** The session that a chat goes on in: a new one, the last one, or the one that was named. */
import type { Api } from '@navisai/client';
import type { AgentSettings, Session } from '@navisai/protocol';
import { CommandError } from '../output/command-error.ts';

export interface WantedConversation {
  sessionId: string | undefined;
  goOn: boolean;
  profile: string | undefined;
  model: string | undefined;
  approvals: string | undefined;
  nodeId: string | undefined;
  directory: string | undefined;
  /** Another agent than the hub's own. */
  acpAgent: string | undefined;
}

export const openConversation = async (api: Api, wanted: WantedConversation): Promise<Session> => {
  const { sessionId, goOn, directory, acpAgent } = wanted;
  const agent = settingsOf(wanted);
  if (sessionId === undefined && !goOn) {
    const kind = acpAgent === undefined ? 'agent' : 'acp';
    const place = directory === undefined ? {} : { directory };
    const other = acpAgent === undefined ? {} : { acpAgent };
    return api.createSession({ body: { kind, agent: { ...agent, ...place, ...other } } });
  }
  const id = sessionId ?? (await lastConversation(api));
  if (Object.keys(agent).length === 0) return api.session({ params: { id } });
  return api.changeSession({ params: { id }, body: { agent } });
};

const settingsOf = ({ profile, model, approvals, nodeId }: WantedConversation): Partial<AgentSettings> => ({
  ...(profile === undefined ? {} : { profile }),
  ...(model === undefined ? {} : { model }),
  ...(approvals === undefined ? {} : { approvals: approvals as AgentSettings['approvals'] }),
  ...(nodeId === undefined ? {} : { nodeId }),
});

/** What a person talked in: a recall that has a conversation of its own works there alone. */
const lastConversation = async (api: Api): Promise<string> => {
  const [ofHub, ofOthers, { recalls }] = await Promise.all([
    api.sessions({ query: { kind: 'agent', limit: 500 } }),
    api.sessions({ query: { kind: 'acp', limit: 500 } }),
    api.recalls(),
  ]);
  const ofRecalls = new Set(recalls.filter(({ ownsSession }) => ownsSession).map(({ sessionId }) => sessionId));
  const [last] = [...ofHub.sessions, ...ofOthers.sessions]
    .filter(({ id }) => !ofRecalls.has(id))
    .toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
  if (last !== undefined) return last.id;
  throw new CommandError('There is no conversation yet.', { code: 'NOT_FOUND', exitCode: 5, remedy: 'navisai chat' });
};
