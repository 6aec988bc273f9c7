/** The tool `spawn_agent`: its published schema (P5, N8). */
import { z } from 'zod';
import { nodeIdSchema } from './ids.ts';
import { modelReferenceSchema } from './model-entities.ts';
import { profileIdSchema } from './profile.ts';
import { seconds } from './tool-fields.ts';

/** Seconds that a sub-agent has; a profile may set its own limit (`sub_agents.timeout_seconds`). */
export const subAgentSeconds = { default: 300, min: 1, max: 3600 } as const;
/** Characters of a task. */
export const maxTaskLength = 100 * 1024;

export const spawnAgentToolSchema = z.strictObject({
  task: z
    .string()
    .max(maxTaskLength)
    .refine((text) => text.trim() !== '', 'must not be empty')
    .describe(
      'What the sub-agent shall do, complete: it sees nothing of this conversation. Say what it must know, what to leave alone, and what to answer with.',
    ),
  description: z
    .string()
    .max(200)
    .optional()
    .describe("A few words for the person who watches, such as 'Find the failing test'."),
  profile: profileIdSchema.optional().describe('Profile of the sub-agent; default: that of its parent.'),
  node_id: nodeIdSchema
    .optional()
    .describe(
      'Node (id or name) that the sub-agent lives on: its loop runs there, and its tools work there unless a call names another. Default: where its parent works.',
    ),
  tools: z
    .array(z.string().min(1).max(128))
    .max(200)
    .optional()
    .describe(
      'Tools that it may use, of those that its parent has; default: those of its profile that its parent has.',
    ),
  model: modelReferenceSchema.optional().describe('Model as provider/model; default: that of its parent or profile.'),
  max_iterations: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Times that it may ask its model; default and upper limit: that of its profile and of its parent.'),
  timeout: seconds(subAgentSeconds)
    .optional()
    .describe(
      `Seconds, default ${subAgentSeconds.default} or as its parent's profile says, without the time that a person is asked; then it ends with everything it was doing.`,
    ),
});
export type SpawnAgentCall = z.infer<typeof spawnAgentToolSchema>;

export const spawnAgentToolDescription =
  'Give a task to a sub-agent and wait for its answer. It works on its own with a fresh context, in the same session: it shares the terminals and never has more rights than its parent. Several calls in one turn run at the same time. Use it for work that can be described completely, for several things at once, or with node_id for work on another machine.';
