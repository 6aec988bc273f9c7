/** Profiles of agents: `profile.json` beside `system_prompt.txt` in a folder of the profile's id (P1, P4). */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { nodeIdSchema } from './ids.ts';
import { modelReferenceSchema } from './model-entities.ts';

export const profileIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a profile id has up to 64 of a-z 0-9 _ -');

export const profileSchema = z.strictObject({
  id: profileIdSchema,
  name: z.string().min(1).max(100),
  description: z.string().max(500),
  /** Names of tools; `mcp:<server>` stands for every tool of an MCP server, `mcp:*` for all of them. */
  tools: z.array(z.string().regex(/^([a-z_]{1,64}|mcp:(\*|[a-z0-9_-]{1,64}))$/, 'not the name of a tool')).max(200),
  /** One, or several in the order of preference; absent: the default list. */
  model: z.union([modelReferenceSchema, z.array(modelReferenceSchema).min(1).max(10)]).optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** Turns of one run. */
  max_iterations: z.number().int().min(1).max(1000).default(100),
  /** Tokens of one run, in and out; absent: no limit. */
  token_budget: z.number().int().min(1000).max(1_000_000_000).optional(),
  node_id: nodeIdSchema.optional(),
  approvals: approvalsModeSchema.default('risky'),
  sub_agents: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** 1: sub-agents start none. */
      max_depth: z.number().int().min(1).max(5).default(2),
      max_parallel: z.number().int().min(1).max(20).default(5),
      timeout_seconds: z.number().int().min(10).max(3600).default(300),
      /** Profiles that sub-agents may have; absent: this one and `developer`, `server_admin`, `secretary`. */
      profiles: z.array(profileIdSchema).max(50).optional(),
    })
    .prefault({}),
});
export type Profile = z.infer<typeof profileSchema>;

export const profileInfoSchema = profileSchema.extend({ source: z.enum(['shipped', 'user']) });
export type ProfileInfo = z.infer<typeof profileInfoSchema>;
/** A profile that cannot be used (P1). */
export const profileProblemSchema = z.object({ id: z.string(), file: z.string(), message: z.string() });

/** An agent of others that can be the one in a conversation, on every node where its program is (I19). */
export const acpAgentInfoSchema = z.object({
  name: z.string(),
  /** Its program on the node. */
  command: z.string(),
  /** From the configuration of the hub; else one of those that Navis knows. */
  isConfigured: z.boolean(),
});
export type AcpAgentInfo = z.infer<typeof acpAgentInfoSchema>;
