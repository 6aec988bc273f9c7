/** The tools `schedule_recall` and `manage_recall` as agents get them (P5, A5). */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { nodeIdSchema, recallIdSchema } from './ids.ts';
import { profileIdSchema } from './profile.ts';
import { maxRecallTaskLength, missedRunPolicySchema, recallInterval, recallMinutes } from './recall-entities.ts';

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('once'),
    at: z.iso.datetime({ offset: true }).describe('When, with a zone: 2026-05-01T09:00:00+02:00 or …Z.'),
  }),
  z.strictObject({
    kind: z.literal('cron'),
    expression: z
      .string()
      .min(1)
      .max(200)
      .describe("Five fields: minute, hour, day of the month, month, day of the week, such as '0 9 * * MON-FRI'."),
    timezone: z.string().min(1).max(64).describe('IANA name such as Europe/Berlin.'),
  }),
  z.strictObject({
    kind: z.literal('interval'),
    seconds: z.number().int().min(recallInterval.min).max(recallInterval.max).describe('Between two runs.'),
  }),
  z.strictObject({ kind: z.literal('now') }),
]);

export const scheduleRecallSchema = z.strictObject({
  title: z.string().trim().min(1).max(200).describe('A short name that the person recognises.'),
  task: z
    .string()
    .trim()
    .min(1)
    .max(maxRecallTaskLength)
    .describe('What the agent is told then. It starts with nothing but this text: say everything that it must know.'),
  schedule: scheduleSchema.describe('When it runs.'),
  missed: missedRunPolicySchema
    .optional()
    .describe('For times that passed while the hub was off: once for all (default), not at all, or each (at most 10).'),
  profile: profileIdSchema.optional().describe('Default: yours. It gets no tool that you do not have.'),
  node_id: nodeIdSchema.optional().describe('Node to work on; default: yours.'),
  approvals: approvalsModeSchema.optional().describe('Never looser than yours.'),
  may_ask: z
    .boolean()
    .optional()
    .describe('True: it waits for the person where it would ask. Default: it fails at once and tells the person.'),
  limit_minutes: z.number().int().min(recallMinutes.min).max(recallMinutes.max).optional(),
  here: z.boolean().optional().describe('True: it works in this conversation; default: in one of its own.'),
});
export type ScheduleRecallCall = z.infer<typeof scheduleRecallSchema>;

export const scheduleRecallDescription =
  'Schedule a task for an agent: once at a time, again and again (cron expression or interval), or at once beside you. Its permissions are yours now, or less, and never grow. The person sees, pauses and removes it.';

export const manageRecallActions = ['list', 'pause', 'resume', 'cancel', 'run_now', 'history'] as const;

export const manageRecallSchema = z
  .strictObject({
    action: z.enum(manageRecallActions, { error: `must be one of ${manageRecallActions.join(', ')}` }),
    recall_id: recallIdSchema.optional().describe("REQUIRED, except for 'list'."),
  })
  .refine(({ action, recall_id }) => action === 'list' || recall_id !== undefined, {
    path: ['recall_id'],
    error: 'is required for this action',
  });

export const manageRecallDescription =
  "Scheduled tasks of the person: list them, pause, resume, cancel (remove), run now, or see how they went ('history').";
