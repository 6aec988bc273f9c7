/** `remote_terminal` and `remote_filesystem`: the tools of a machine, with the machine named each time (P5). */
import type { PublishedTool } from '../../services/tool-path.ts';

const remoteTools: Readonly<Record<string, string>> = {
  remote_terminal: 'terminal',
  remote_filesystem: 'filesystem',
};

/** The tool that carries it out, and whether the call must name its node. */
export const carriedOutBy = (tool: string): { tool: string; needsNode: boolean } =>
  Object.hasOwn(remoteTools, tool) ? { tool: remoteTools[tool] ?? tool, needsNode: true } : { tool, needsNode: false };

export const publishRemoteTools = (tools: readonly PublishedTool[]): PublishedTool[] =>
  Object.entries(remoteTools).flatMap(([name, local]) => {
    const tool = tools.find((one) => one.name === local);
    return tool === undefined ? [] : [withNode(name, tool)];
  });

const withNode = (name: string, { description, schema }: PublishedTool): PublishedTool => {
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  return {
    name,
    description: `On the node that 'node_id' names, REQUIRED: ${description}`,
    schema: { ...schema, required: [...required, 'node_id'] },
  };
};
