/** The ceiling of a node (`policy.json`), the hub's overlay of the same form, and what a decision looks like (N12). */
import { z } from 'zod';
import { maxPathLength } from './limits.ts';

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 08:30');

/** Absent parts set no limit; an empty list allows nothing. Both ceiling and overlay must allow. */
export const ceilingSchema = z.strictObject({
  version: z.literal(1),
  /** Names of tools, or `tool.action` such as `filesystem.read`. */
  tools: z
    .array(z.string().regex(/^[a-z_]{1,64}(\.[a-z_]{1,64})?$/, 'not the name of a tool'))
    .max(200)
    .optional(),
  /** Programs that command lines may start. */
  programs: z.array(z.string().min(1).max(maxPathLength)).max(1000).optional(),
  /** What exists for commands and files: absolute paths or `~/…`; everything else of the person's data is hidden. */
  directories: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(/^(\/|~(\/|$))/, 'must begin with / or ~')
          .max(maxPathLength),
        access: z.enum(['read', 'write']),
      }),
    )
    .max(200)
    .optional(),
  /** When something may be started, in the node's local time; `to` before `from` is over midnight. */
  hours: z
    .array(
      z.strictObject({
        days: z
          .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
          .min(1)
          .optional(),
        from: clockTime,
        to: clockTime,
      }),
    )
    .max(50)
    .optional(),
  /** Nothing may be changed: no writable directory, no changing action. */
  readOnly: z.boolean().optional(),
  /** False: commands have no network. */
  network: z.boolean().optional(),
  /** At least this is asked for calls that no person made; it limits nothing else (A1). */
  approvals: z.enum(['never', 'risky', 'always']).optional(),
});
export type Ceiling = z.infer<typeof ceilingSchema>;

export const policyStepSchema = z.object({
  rule: z.string(),
  subject: z.string(),
  effect: z.enum(['allow', 'ask', 'deny']),
  reason: z.string(),
  /** Where the rule lives, such as the path of the node's `policy.json` or `hub overlay`. */
  source: z.string(),
});
export const policyDecisionSchema = z.object({
  effect: z.enum(['allow', 'ask', 'deny']),
  decidedBy: policyStepSchema,
  trace: z.array(policyStepSchema).max(500),
});
export type PolicyDecision = z.infer<typeof policyDecisionSchema>;
export type PolicyStep = z.infer<typeof policyStepSchema>;

export const machinePolicySchema = z.object({
  /** The node's own file; null when there is none. */
  ceiling: ceilingSchema.nullable(),
  /** Its path on the node. */
  ceilingFile: z.string(),
  overlay: ceilingSchema.nullable(),
  /** `TERMINAL_ALLOWED_COMMANDS`; null when unset. */
  allowedCommands: z.string().nullable(),
  /** What enforces it. */
  sandbox: z.enum(['bubblewrap', 'none']),
});
export type MachinePolicy = z.infer<typeof machinePolicySchema>;

/** What `policy explain` asks about. */
export const explainSchema = z.strictObject({
  tool: z
    .string()
    .regex(/^[a-z_]{1,64}$/, 'not the name of a tool')
    .optional(),
  action: z
    .string()
    .regex(/^[a-z_]{1,64}$/, 'not the name of an action')
    .optional(),
  command: z
    .string()
    .min(1)
    .max(100 * 1024)
    .optional(),
  workingDirectory: z.string().max(maxPathLength).optional(),
  /** As a call that no person made, in this mode (A1); absent: as a person's. */
  approvals: z.enum(['never', 'risky', 'always']).optional(),
});
export type ExplainRequest = z.infer<typeof explainSchema>;
