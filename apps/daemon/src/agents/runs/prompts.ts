/** The prompt that is really sent: the profile's own, and what is so right now (P2, P3). */
import { type PromptNode, renderPrompt } from '@navisai/agent';
import { mainNodeId } from '@navisai/protocol';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { Profiles, Prompts } from '../agents.types.ts';

export interface PromptsParts {
  profiles: Profiles;
  registry: NodeRegistry;
  now: () => number;
}

/** Named in a prompt. */
const maxNodes = 100;

export const createPrompts = ({ profiles, registry, now }: PromptsParts): Prompts => {
  const nodes = (): PromptNode[] =>
    registry.page({ after: undefined, limit: maxNodes }).records.map((record) => {
      const { id, name, platform, labels, state } = registry.describe(record);
      const described = platform === null ? null : `${platform.os} ${platform.arch}`;
      return { id: id === mainNodeId ? id : name, isOnline: state === 'online', platform: described, labels };
    });

  return {
    async systemPrompt({ profile, nodeId, directory, depth }, tools) {
      const { systemPrompt } = await profiles.get(profile.id);
      const node = nodeId === null ? null : (registry.find(nodeId)?.name ?? nodeId);
      return renderPrompt({
        profile,
        systemPrompt,
        environment: {
          now: new Date(now()),
          nodeId: node,
          nodes: nodes(),
          directory,
          depth,
          tools: tools.map(({ name }) => name),
        },
      });
    },
  };
};
