/** Who a sub-agent is: never with more rights than the one that starts it (N8). */
import {
  type ApprovalsMode,
  mainNodeId,
  NavisError,
  nodeOfAgent,
  type Profile,
  type SpawnAgentCall,
} from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { Actor, Profiles, Toolbox } from '../agents.types.ts';

export interface ChildParts {
  profiles: Pick<Profiles, 'get'>;
  toolbox: Pick<Toolbox, 'toolsFor'>;
  nodes: { registry: Pick<NodeRegistry, 'find'> };
}

export interface Child {
  actor: Omit<Actor, 'runId'>;
  /** In the order of preference; null: the default list. */
  model: readonly string[] | null;
  /** The node that its loop runs on; null: this hub. */
  loopNode: string | null;
}

/** Profiles that a sub-agent may have where its parent's says nothing else (P4). */
const usualProfiles = ['developer', 'server_admin', 'secretary'] as const;

/** Rejects NavisError naming the field that is not possible. */
export const childOf = async (parts: ChildParts, parent: Actor, given: SpawnAgentCall): Promise<Child> => {
  requireDepth(parent);
  const chosen = await profileFor(parts, parent, given.profile);
  const node = given.node_id === undefined ? undefined : nodeNamed(parts, given.node_id);
  const ofProfile =
    chosen === parent.profile ? null : nodeOfAgent(undefined, chosen, (name) => parts.nodes.registry.find(name));
  const nodeId = node?.id ?? ofProfile ?? parent.nodeId;
  const depth = parent.depth + 1;
  const limited = limitedProfile(parent.profile, chosen, given.max_iterations);
  const actor: Omit<Actor, 'runId'> = {
    ...parent,
    requester: { kind: 'sub_agent', name: given.description ?? chosen.name },
    profile: limited,
    approvals: chosen === parent.profile ? parent.approvals : stricter(parent.approvals, chosen.approvals),
    nodeId,
    // A directory is one of a machine.
    directory: (nodeId ?? mainNodeId) === (parent.nodeId ?? mainNodeId) ? parent.directory : null,
    depth,
  };
  const tools = toolNames(parts, parent, actor, given.tools);
  return {
    actor: { ...actor, profile: { ...limited, tools } },
    model: modelFor(parent, chosen, given.model),
    loopNode: node === undefined || node.id === mainNodeId ? null : node.id,
  };
};

const nodeNamed = ({ nodes }: ChildParts, name: string): NodeRecord => {
  const node = nodes.registry.find(name);
  if (node !== undefined) return node;
  const message = `There is no node ${JSON.stringify(name)}. No sub-agent was started.`;
  throw new NavisError('NODE_UNKNOWN', message, { field: 'node_id' });
};

const requireDepth = ({ depth, profile: { sub_agents: limits } }: Actor): void => {
  if (!limits.enabled) throw new NavisError('POLICY_DENIED', 'The profile of this agent starts no sub-agents.');
  if (depth < limits.max_depth) return;
  const message = `Sub-agents are at most ${limits.max_depth - 1} deep here (sub_agents.max_depth). Do this part yourself.`;
  throw new NavisError('POLICY_DENIED', message);
};

const profileFor = async (parts: ChildParts, { profile }: Actor, id: string | undefined): Promise<Profile> => {
  if (id === undefined || id === profile.id) return profile;
  const allowed = profile.sub_agents.profiles ?? usualProfiles;
  if (!allowed.some((one) => one === id)) {
    const message = `profile: a sub-agent of this agent may have one of: ${[profile.id, ...allowed].join(', ')}.`;
    throw new NavisError('INVALID_ARGUMENT', message, { field: 'profile' });
  }
  return (await parts.profiles.get(id)).profile;
};

/** Below a parent nothing is wider than it is. */
const limitedProfile = (parent: Profile, chosen: Profile, maxIterations: number | undefined): Profile => {
  const [above, own] = [parent.sub_agents, chosen.sub_agents];
  const profiles =
    chosen === parent ? above.profiles : within(own.profiles, above.profiles ?? [parent.id, ...usualProfiles]);
  return {
    ...chosen,
    max_iterations: Math.min(maxIterations ?? Infinity, chosen.max_iterations, parent.max_iterations),
    sub_agents: {
      enabled: above.enabled && own.enabled,
      max_depth: Math.min(above.max_depth, own.max_depth),
      max_parallel: Math.min(above.max_parallel, own.max_parallel),
      timeout_seconds: Math.min(above.timeout_seconds, own.timeout_seconds),
      ...(profiles === undefined ? {} : { profiles }),
    },
  };
};

const within = (own: readonly string[] | undefined, allowed: readonly string[]): string[] =>
  (own ?? usualProfiles).filter((id) => allowed.includes(id));

const strictness: readonly ApprovalsMode[] = ['never', 'risky', 'always'];
const stricter = (one: ApprovalsMode, other: ApprovalsMode): ApprovalsMode =>
  strictness.indexOf(one) > strictness.indexOf(other) ? one : other;

/** By their names, so that what is added to a pattern later is not theirs. */
const toolNames = (
  { toolbox }: ChildParts,
  parent: Actor,
  actor: Omit<Actor, 'runId'>,
  asked: readonly string[] | undefined,
): string[] => {
  const parents = new Set(toolbox.toolsFor(parent).map(({ name }) => name));
  const foreign = asked?.filter((name) => !parents.has(name)) ?? [];
  if (foreign.length > 0) {
    const message = `tools: its parent does not have ${foreign.join(', ')}. It has: ${[...parents].join(', ')}.`;
    throw new NavisError('INVALID_ARGUMENT', message, { field: 'tools' });
  }
  const own = toolbox.toolsFor({ ...actor, runId: parent.runId }).map(({ name }) => name);
  return own.filter((name) => parents.has(name) && (asked?.includes(name) ?? true));
};

const modelFor = (parent: Actor, chosen: Profile, asked: string | undefined): readonly string[] | null => {
  if (asked !== undefined) return [asked];
  const ofProfile = chosen === parent.profile ? undefined : chosen.model;
  const model = ofProfile ?? parent.session.agent?.model ?? parent.profile.model;
  return model === undefined ? null : [model].flat();
};
