/** Recalls: tasks that an agent does later, again and again, or at once, under permissions fixed when they were made (A5). */
import { z } from 'zod';
import { defaultProfileId } from './default-profile.ts';
import { approvalsModeSchema } from './approval-entities.ts';
import { nodeIdSchema, recallIdSchema, recallRunIdSchema, runIdSchema, sessionIdSchema } from './ids.ts';
import { modelReferenceSchema } from './model-entities.ts';
import { profileIdSchema } from './profile.ts';
import { timestampSchema } from './time.ts';

/** Of one user; removed ones do not count. */
export const maxRecalls = 200;
export const maxRecallTaskLength = 16 * 1024;
/** Seconds between two runs of an interval. */
export const recallInterval = { min: 60, max: 366 * 86_400 } as const;
/** Minutes that one run may take. */
export const recallMinutes = { default: 60, min: 1, max: 1440 } as const;
/** Minutes that a run which may ask waits for an answer. */
export const recallWaitMinutes = { default: 60, min: 1, max: 1440 } as const;
/** `run_all` makes up for at most so many missed runs, the newest ones. */
export const maxMissedRuns = 10;

/** The expression has five fields; which ones are valid, and the time zone, is judged by the hub. */
export const recallScheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), at: timestampSchema }),
  z.strictObject({
    kind: z.literal('cron'),
    /** Minute, hour, day of the month, month, day of the week. */
    expression: z.string().trim().min(1).max(200),
    /** IANA name, such as `Europe/Berlin`. */
    timezone: z.string().min(1).max(64),
  }),
  z.strictObject({
    kind: z.literal('interval'),
    seconds: z.number().int().min(recallInterval.min).max(recallInterval.max),
  }),
  z.strictObject({ kind: z.literal('now') }),
]);
export type RecallSchedule = z.infer<typeof recallScheduleSchema>;

/** What happens to runs whose time passed while nothing could run: once for all of them, not at all, or each of them. */
export const missedRunPolicySchema = z.enum(['run_once', 'skip', 'run_all']);
export type MissedRunPolicy = z.infer<typeof missedRunPolicySchema>;

export const recallNotifySchema = z.enum(['failure', 'always', 'never']);

/** Fixed when the recall was made (A5). */
export const recallPermissionsSchema = z.object({
  approvals: approvalsModeSchema,
  /** The profile's tools then; tools that it gains later are not this recall's. */
  tools: z.array(z.string()),
  /** Depth in the tree of agents. */
  depth: z.number().int().min(0),
  /** False: a call that would ask fails the recall at once. */
  mayAsk: z.boolean(),
  waitMinutes: z.number().int(),
  /** Rules that were made later do not count. */
  rulesUntil: timestampSchema,
});
export type RecallPermissions = z.infer<typeof recallPermissionsSchema>;

export const recallRunStateSchema = z.enum(['running', 'completed', 'failed', 'stopped', 'interrupted', 'missed']);
export type RecallRunState = z.infer<typeof recallRunStateSchema>;

export const recallRunSchema = z.object({
  id: recallRunIdSchema,
  recallId: recallIdSchema,
  /** The time it was due. */
  dueAt: timestampSchema,
  /** Who asked for it: its schedule, or somebody who wanted it now. */
  cause: z.enum(['schedule', 'asked']),
  state: recallRunStateSchema,
  /** 2: the first attempt was interrupted. */
  attempt: z.number().int().min(1),
  /** How many times it was due before and did not run; this run stands for them. */
  missed: z.number().int().min(0),
  /** The process that did it, and its fencing token (N11). */
  claimedBy: z.string(),
  token: z.number().int(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  sessionId: sessionIdSchema.nullable(),
  runId: runIdSchema.nullable(),
  /** The end of what the agent said, or why there is nothing. */
  answer: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type RecallRun = z.infer<typeof recallRunSchema>;

export const recallSchema = z.object({
  id: recallIdSchema,
  title: z.string(),
  task: z.string(),
  schedule: recallScheduleSchema,
  missed: missedRunPolicySchema,
  notify: recallNotifySchema,
  paused: z.boolean(),
  /** Its conversation; null: it gets its own at its first run. */
  sessionId: sessionIdSchema.nullable(),
  ownsSession: z.boolean(),
  userId: z.string(),
  instanceId: z.string(),
  profile: z.string(),
  nodeId: nodeIdSchema.nullable(),
  /** In the order of preference; null: the profile's, else the default. */
  model: z.array(z.string()).nullable(),
  permissions: recallPermissionsSchema,
  limitMinutes: z.number().int(),
  /** Who made it: the device's or the agent's name. */
  createdBy: z.string(),
  createdAt: timestampSchema,
  /** Null: it is not due again by its schedule. */
  nextAt: timestampSchema.nullable(),
  isRunning: z.boolean(),
  /** How it went last. */
  lastRun: recallRunSchema.nullable(),
});
export type Recall = z.infer<typeof recallSchema>;

const changeable = {
  title: z.string().trim().min(1).max(200),
  task: z.string().trim().min(1).max(maxRecallTaskLength),
  schedule: recallScheduleSchema,
  missed: missedRunPolicySchema,
  notify: recallNotifySchema,
};
/** What a person says to make one; what is left out has its default. */
export const newRecallSchema = z.strictObject({
  ...changeable,
  missed: changeable.missed.default('run_once'),
  notify: changeable.notify.default('failure'),
  sessionId: sessionIdSchema.optional(),
  profile: profileIdSchema.default(defaultProfileId),
  nodeId: nodeIdSchema.nullable().default(null),
  model: z.array(modelReferenceSchema).min(1).max(10).nullable().default(null),
  /** Default: the profile's. */
  approvals: approvalsModeSchema.optional(),
  mayAsk: z.boolean().default(false),
  waitMinutes: z.number().int().min(recallWaitMinutes.min).max(recallWaitMinutes.max).default(60),
  limitMinutes: z.number().int().min(recallMinutes.min).max(recallMinutes.max).default(60),
});
export type NewRecall = z.infer<typeof newRecallSchema>;
export const recallChangeSchema = z.strictObject({ ...changeable, paused: z.boolean() }).partial();
export type RecallChange = z.infer<typeof recallChangeSchema>;

export const recallChanges = ['created', 'changed', 'removed', 'started', 'ended', 'missed'] as const;
/** Event `recall.updated`: without the task, which the route tells. */
export const recallUpdateSchema = z.object({
  change: z.enum(recallChanges),
  recall: recallSchema.omit({ task: true }),
  /** With `started`, `ended` and `missed`. */
  run: recallRunSchema.nullable(),
});
export type RecallUpdate = z.infer<typeof recallUpdateSchema>;
