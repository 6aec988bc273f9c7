/** The prompt that is really sent: the profile's own, and what is so right now (P2, P3). */
import { dateWriter, type PromptEnvironment, type PromptNode, renderPrompt } from '@navisai/agent';
import { mainNodeId, type NodePlatform } from '@navisai/protocol';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { Profiles, Prompts } from '../agents.types.ts';
import { createKnownProjects, type KnownProjectsParts } from '../projects/known-projects.ts';

export interface PromptsParts extends KnownProjectsParts {
  profiles: Profiles;
  registry: Pick<NodeRegistry, 'page' | 'describe' | 'find'>;
  now: () => number;
  /** IANA name; that of this computer is the nearest to the person's own. */
  timeZone: string;
}

/** Named in a prompt. */
const maxNodes = 100;

const inWords = (platform: NodePlatform | null): string | null =>
  platform === null ? null : `${platform.os} ${platform.arch}`;

export const createPrompts = ({ profiles, registry, keeper, feed, now, timeZone }: PromptsParts): Prompts => {
  const writeDate = dateWriter(timeZone);
  const projectsOn = createKnownProjects({ keeper, feed });
  /** The hub's own machine stays what it is and is always there; to describe it anew would ask how busy it is. */
  let mainPlatform: string | null | undefined;
  const nodes = (): PromptNode[] =>
    registry.page({ after: undefined, limit: maxNodes }).records.map((record) => {
      const { id, name, labels } = record;
      if (id !== mainNodeId) {
        const { platform, state } = registry.describe(record);
        return { id: name, isOnline: state === 'online', platform: inWords(platform), labels };
      }
      mainPlatform ??= inWords(registry.describe(record).platform);
      return { id, isOnline: true, platform: mainPlatform, labels };
    });

  /** The innermost one that holds the directory, as it was last looked at. */
  const projectAt = async (nodeId: string, directory: string | null): Promise<PromptEnvironment['project']> => {
    if (directory === null) return null;
    const known = await projectsOn(nodeId);
    const holding = known.filter(({ path }) => `${directory}/`.startsWith(`${path}/`));
    const [inner] = holding.toSorted((one, other) => other.path.length - one.path.length);
    return inner === undefined ? null : { name: inner.name, path: inner.path, branch: inner.git?.branch };
  };

  return {
    async systemPrompt({ profile, nodeId, directory, depth }, tools) {
      const [{ systemPrompt }, project] = await Promise.all([
        profiles.get(profile.id),
        projectAt(nodeId ?? mainNodeId, directory),
      ]);
      const node = nodeId === null ? null : (registry.find(nodeId)?.name ?? nodeId);
      return renderPrompt({
        profile,
        systemPrompt,
        environment: {
          date: writeDate(new Date(now())),
          nodeId: node,
          nodes: nodes(),
          directory,
          project,
          depth,
          tools: tools.map(({ name }) => name),
        },
      });
    },
  };
};
