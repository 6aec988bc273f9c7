/** What a run was begun with, as it is kept: enough to go on with it after the hub was away. */
import { defaultProfileId, nodeOfAgent, type Profile, type Session } from '@navisai/protocol';
import type { RunRecord } from '@navisai/store';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { Actor, Profiles } from '../agents.types.ts';

export interface KeptOrder {
  /** `''`: the conversation with the person. */
  thread: string;
  actor: Omit<Actor, 'session' | 'runId' | 'onUnanswerable'>;
  /** In the order of preference; null: the default list. */
  model: readonly string[] | null;
}

/** Null of a run that could not be set up. */
export const orderOf = (run: RunRecord): KeptOrder | null => run.order as KeptOrder | null;

/** What the settings of a session are read with. */
export interface SettingsParts {
  profiles: Pick<Profiles, 'get'>;
  registry: Pick<NodeRegistry, 'find'>;
}

/** As the session is set up now (P4). Rejects NavisError NOT_FOUND for a profile that cannot be used. */
export const orderOfSession = async (session: Session, { profiles, registry }: SettingsParts): Promise<KeptOrder> => {
  const settings = session.agent;
  const { profile } = await profiles.get(settings?.profile ?? defaultProfileId);
  const model = settings?.model ?? null;
  return {
    thread: '',
    model: model === null ? modelsOf(profile) : [model],
    actor: {
      userId: session.userId,
      requester: { kind: 'agent', name: profile.name },
      profile,
      approvals: settings?.approvals ?? profile.approvals,
      nodeId: nodeOfAgent(settings, profile, (node) => registry.find(node)),
      directory: settings?.directory ?? null,
      depth: 0,
      mayAsk: true,
    },
  };
};

/** Where what its person runs goes, as what its agent does (A4, N5). Rejects like `orderOfSession`, for a profile that is needed. */
export const nodeOfSession = async (
  { agent }: Session,
  { profiles, registry }: SettingsParts,
): Promise<string | null> => {
  const hasOwn = (agent?.nodeId ?? null) !== null;
  const profile = hasOwn ? undefined : (await profiles.get(agent?.profile ?? defaultProfileId)).profile;
  return nodeOfAgent(agent, profile, (node) => registry.find(node));
};

export const modelsOf = ({ model }: Profile): readonly string[] | null => (model === undefined ? null : [model].flat());

/** The person's own conversation follows its settings; what was fixed when it was made stays so. */
export const followsSettings = (run: RunRecord): boolean =>
  run.parent === null && (orderOf(run)?.actor.requester.kind ?? 'agent') === 'agent';
