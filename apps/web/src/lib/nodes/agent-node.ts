/** The node that counts for an agent, found as the hub finds it (N5, P4). */
import { type AgentSettings, mainNodeId, nodeOfAgent, type Profile } from '@navisai/protocol';

interface Named {
  id: string;
  name: string;
}

interface Known {
  profiles: readonly Pick<Profile, 'id' | 'node_id'>[];
  nodes: readonly Named[];
}

/** One that the hub does not know has what it is called by as its name. */
export const agentNode = (
  settings: Pick<AgentSettings, 'profile' | 'nodeId'> | undefined,
  { profiles, nodes }: Known,
): Named => {
  const find = (idOrName: string): Named | undefined =>
    nodes.find(({ id }) => id === idOrName) ?? nodes.find(({ name }) => name === idOrName);
  const profile = profiles.find(({ id }) => id === settings?.profile);
  const id = nodeOfAgent(settings, profile, find) ?? mainNodeId;
  return { id, name: find(id)?.name ?? id };
};
