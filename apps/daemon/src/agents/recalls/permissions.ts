/** What a recall may do: fixed when it is made, never more than its maker may, and never more later (A5). */
import { stricterMode } from '@navisai/policy';
import {
  type NewRecall,
  nodeOfAgent,
  type Profile,
  type Recall,
  type RecallPermissions,
  type Session,
} from '@navisai/protocol';
import type { Actor } from '../agents.types.ts';
import type { RecallMaker } from './recalls.types.ts';

export interface PermissionRequest {
  given: Pick<NewRecall, 'approvals' | 'mayAsk' | 'waitMinutes'>;
  profile: Profile;
  maker: RecallMaker;
  at: string;
}

export const fixPermissions = ({ given, profile, maker, at }: PermissionRequest): RecallPermissions => {
  const { mayAsk, waitMinutes, approvals = profile.approvals } = given;
  const { actor } = maker;
  if (actor === undefined) return { approvals, tools: profile.tools, depth: 0, mayAsk, waitMinutes, rulesUntil: at };
  const rulesUntil = actor.rulesUntil !== undefined && actor.rulesUntil < at ? actor.rulesUntil : at;
  return {
    approvals: stricterMode(approvals, actor.approvals),
    tools: commonTools(profile.tools, toolsOf(actor)),
    depth: actor.depth,
    mayAsk: mayAsk && actor.mayAsk,
    waitMinutes,
    rulesUntil,
  };
};

const toolsOf = ({ profile, depth }: Actor): string[] => {
  const maySpawn = profile.sub_agents.enabled && depth < profile.sub_agents.max_depth;
  return maySpawn ? profile.tools : profile.tools.filter((tool) => tool !== 'spawn_agent');
};

/** `mcp:*` covers `mcp:<server>`. */
const covers = (tools: readonly string[], name: string): boolean =>
  tools.includes(name) || (name.startsWith('mcp:') && tools.includes('mcp:*'));

export const commonTools = (one: readonly string[], other: readonly string[]): string[] => {
  const common = [...one.filter((name) => covers(other, name)), ...other.filter((name) => covers(one, name))];
  return Array.from(new Set(common));
};

export interface RecallActorRequest {
  recall: Recall;
  /** As it is now: what it lost since is lost here too. */
  profile: Profile;
  session: Session;
  findNode(idOrName: string): { id: string } | undefined;
  onUnanswerable(question: string): void;
}

export const actorOf = (request: RecallActorRequest): Omit<Actor, 'runId'> => {
  const { recall, profile, session, findNode, onUnanswerable } = request;
  const { permissions, userId, title, nodeId } = recall;
  const { approvals, tools, depth, mayAsk, waitMinutes, rulesUntil } = permissions;
  return {
    session,
    userId,
    requester: { kind: 'recall', name: title },
    profile: { ...profile, tools: commonTools(profile.tools, tools) },
    approvals,
    nodeId: nodeOfAgent({ nodeId: nodeId ?? session.agent?.nodeId ?? null }, profile, findNode),
    directory: session.agent?.directory ?? null,
    depth,
    mayAsk,
    onUnanswerable: mayAsk ? undefined : onUnanswerable,
    waitMs: mayAsk ? waitMinutes * 60_000 : undefined,
    rulesUntil,
  };
};
