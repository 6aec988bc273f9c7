/** The tool `tool_manual` as agents get it: the manual of every tool that this agent is offered (T28). */
import {
  type DescribedTool,
  manualOfTool,
  NavisError,
  toolManualDescription,
  toolManuals,
  type ToolResult,
  toolsWithManual,
} from '@navisai/protocol';
import { z } from 'zod';
import { failure } from '../../services/tool-path.ts';
import type { HubTool, Toolbox } from '../agents.types.ts';
import { carriedOutBy } from '../calls/remote-tools.ts';

const manualArguments = z.strictObject({
  tool: z.string().min(1).max(128).optional().describe("Name of one of your tools; default 'terminal'."),
});

export const createToolManualTool = (toolbox: Pick<Toolbox, 'toolsFor'>): HubTool => ({
  name: 'tool_manual',
  description: toolManualDescription,
  schema: manualArguments,
  risk: () => 'reading',
  async execute(actor, { arguments: given }): Promise<ToolResult> {
    const { tool: name = 'terminal' } = given as z.infer<typeof manualArguments>;
    const offered = toolbox.toolsFor(actor);
    const tool = offered.find((one) => one.name === name);
    if (tool === undefined) return failure(notOffered(offered.map((one) => one.name)));
    return { success: true, output: manualText(tool), metadata: { tool: name } };
  },
});

/** A tool of another machine is used like the one here; its own description says what differs. */
const manualText = (tool: DescribedTool): string => {
  const { tool: local, needsNode } = carriedOutBy(tool.name);
  const known = toolsWithManual.find((name) => name === local);
  if (known === undefined) return manualOfTool(tool);
  const manual = toolManuals[known]();
  return needsNode
    ? `# ${tool.name}\n\n\`node_id\` is required; else it is the tool \`${local}\`.\n\n${manual}`
    : manual;
};

const notOffered = (names: readonly string[]): NavisError =>
  new NavisError('INVALID_ARGUMENT', `tool: must be one of ${names.join(', ')}. Nothing was started.`, {
    field: 'tool',
  });
