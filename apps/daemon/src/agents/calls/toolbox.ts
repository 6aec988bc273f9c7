/** Which tools there are: those of the machines, and those that the hub itself carries out (P5). */
import type { AgentTool } from '@navisai/agent';
import { type PublishedTool, publishSchema } from '../../services/tool-path.ts';
import { createListeners } from '../../services/listeners.ts';
import { publishRemoteTools } from './remote-tools.ts';
import type { Actor, ActorCalls, HubTool, Toolbox } from '../agents.types.ts';

export interface ToolboxParts {
  /** Carried out by machines. */
  machineTools: readonly PublishedTool[];
  /** Made with the toolbox. */
  calls: () => ActorCalls;
}

export const createToolbox = ({ machineTools, calls }: ToolboxParts): Toolbox => {
  const hubTools = new Map<string, { tool: HubTool; published: PublishedTool }>();
  const registered = createListeners<string>();
  const remoteTools = publishRemoteTools(machineTools);

  /** What the hub carries out takes the place of a machine's tool of the same name. */
  const published = (): PublishedTool[] => [
    ...[...machineTools, ...remoteTools].filter(({ name }) => !hubTools.has(name)),
    ...hubTools.values().map((known) => known.published),
  ];

  /** Tools of MCP servers that are not connected. */
  const awayAmong = (called: ReadonlySet<string>): PublishedTool[] =>
    Array.from(called)
      .filter((name) => isOfMcp(name) && !hubTools.has(name))
      .map((name) => ({ name, description: 'A tool of an MCP server.', schema: { type: 'object' } }));

  return {
    register(tool) {
      hubTools.set(tool.name, { tool, published: publish(tool) });
      registered.tell(tool.name);
    },
    onRegistered: (listener) => registered.add(listener),
    unregister(prefix) {
      for (const name of Array.from(hubTools.keys())) if (name.startsWith(prefix)) hubTools.delete(name);
    },
    find: (name) => hubTools.get(name)?.tool,
    toolsFor: (actor, called = noTools) =>
      [...published(), ...awayAmong(called)]
        .filter(({ name }) => names(actor, name))
        .map((tool): AgentTool => ({
          ...tool,
          execute: (call) => calls().execute(actor, { ...call, tool: tool.name }),
        })),
  };
};

const noTools: ReadonlySet<string> = new Set();
const isOfMcp = (tool: string): boolean => tool.startsWith('mcp_');

/** Keeps a plan and reads manuals whatever the profile says: neither acts on anything. */
const always: ReadonlySet<string> = new Set(['plan', 'tool_manual']);

/** `mcp_<server>_<tool>` is named by `mcp:<server>` or `mcp:*`. */
const names = ({ profile, depth }: Actor, tool: string): boolean => {
  if (tool === 'spawn_agent' && (!profile.sub_agents.enabled || depth >= profile.sub_agents.max_depth)) return false;
  if (always.has(tool) || profile.tools.includes(tool)) return true;
  if (!isOfMcp(tool)) return false;
  return profile.tools.some(
    (name) => name === 'mcp:*' || (name.startsWith('mcp:') && tool.startsWith(`mcp_${name.slice('mcp:'.length)}_`)),
  );
};

const publish = ({ name, description, schema }: HubTool): PublishedTool => ({
  name,
  description,
  schema: 'json' in schema ? schema.json : publishSchema(schema),
});
