/** The tool `plan`: the agent keeps its plan where the person sees it (N9). */
import { maxPlanEntries, planEntrySchema, type ToolResult } from '@navisai/protocol';
import type { StoreFeed } from '@navisai/store';
import { z } from 'zod';
import { failure } from '../../services/tool-path.ts';
import type { Actor, ActorCall, HubTool } from '../agents.types.ts';

const planArguments = z.strictObject({
  entries: z.array(planEntrySchema).max(maxPlanEntries).describe('The whole plan as it is now, in order.'),
});

export const createPlanTool = (feed: StoreFeed): HubTool => ({
  name: 'plan',
  description:
    'Shows the person your plan: every step with its status, whole each time. Use it for work of several steps and keep it current.',
  schema: planArguments,
  risk: () => 'reading',
  execute: (actor, call) => show(feed, actor, call).catch(failure),
});

const show = async (
  feed: StoreFeed,
  { session, runId }: Actor,
  { arguments: given }: ActorCall,
): Promise<ToolResult> => {
  const { entries } = given as z.infer<typeof planArguments>;
  if (runId === null) return { success: true, output: 'There is nobody to show it to.', metadata: {} };
  await feed.append([{ stream: session.id, sessionId: session.id, type: 'plan', data: { streamId: runId, entries } }]);
  const done = entries.filter(({ status }) => status === 'completed').length;
  return { success: true, output: `The plan is shown: ${done} of ${entries.length} steps done.`, metadata: {} };
};
