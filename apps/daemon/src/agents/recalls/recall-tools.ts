/** `schedule_recall` and `manage_recall`: an agent's recalls never may more than it may itself (P5, A5). */
import {
  manageRecallDescription,
  manageRecallSchema,
  type NewRecall,
  newRecallSchema,
  type Recall,
  type RecallRun,
  scheduleRecallDescription,
  scheduleRecallSchema,
  type ScheduleRecallCall,
  toErrorBody,
  type ToolResult,
} from '@navisai/protocol';
import type { Actor, HubTool } from '../agents.types.ts';
import type { Recalls } from './recalls.ts';

/** Runs that `history` shows. */
const shownRuns = 20;
const readingActions: ReadonlySet<string> = new Set(['list', 'history']);

export const recallTools = (recalls: Recalls): HubTool[] => [
  {
    name: 'schedule_recall',
    description: scheduleRecallDescription,
    schema: scheduleRecallSchema,
    risk: () => 'changing',
    execute: (actor, call) =>
      answering(async () => {
        const maker = { userId: actor.userId, name: actor.requester.name, actor };
        const recall = await recalls.create(maker, newRecallOf(actor, scheduleRecallSchema.parse(call.arguments)));
        return `Scheduled ${describe(recall)}`;
      }),
  },
  {
    name: 'manage_recall',
    description: manageRecallDescription,
    schema: manageRecallSchema,
    risk: (given) => (readingActions.has(actionOf(given)) ? 'reading' : 'changing'),
    execute: (actor, call) => answering(() => manage(recalls, actor, call.arguments)),
  },
];

const actionOf = (given: unknown): string => {
  const parsed = manageRecallSchema.safeParse(given);
  return parsed.success ? parsed.data.action : '';
};

const answering = async (work: () => Promise<string>): Promise<ToolResult> => {
  try {
    return { success: true, output: await work(), metadata: {} };
  } catch (error) {
    const body = toErrorBody(error);
    return { success: false, output: body.message, error: body, metadata: {} };
  }
};

const newRecallOf = (actor: Actor, call: ScheduleRecallCall): NewRecall => {
  const { schedule } = call;
  return newRecallSchema.parse({
    title: call.title,
    task: call.task,
    schedule: schedule.kind === 'once' ? { kind: 'once', at: new Date(schedule.at).toISOString() } : schedule,
    missed: call.missed,
    profile: call.profile ?? actor.profile.id,
    nodeId: call.node_id ?? actor.nodeId,
    approvals: call.approvals,
    mayAsk: call.may_ask,
    limitMinutes: call.limit_minutes,
    sessionId: call.here === true ? actor.session.id : undefined,
  });
};

const manage = async (recalls: Recalls, { userId }: Actor, given: unknown): Promise<string> => {
  const { action, recall_id: id = '' } = manageRecallSchema.parse(given);
  if (action === 'list') {
    const all = await recalls.list(userId);
    return all.length === 0 ? 'There are no recalls.' : all.map(describe).join('\n');
  }
  const recall = await recalls.visible({ userId }, id);
  switch (action) {
    case 'pause':
      return `Paused ${describe(await recalls.change(recall, { paused: true }))}`;
    case 'resume':
      return `Resumed ${describe(await recalls.change(recall, { paused: false }))}`;
    case 'cancel':
      await recalls.remove(recall);
      return `Removed ${recall.id} "${recall.title}".`;
    case 'run_now':
      return `Runs now: ${describe(await recalls.runNow(recall))}`;
    case 'history': {
      const runs = await recalls.history(recall, shownRuns);
      return runs.length === 0 ? 'It has not run yet.' : runs.map(describeRun).join('\n');
    }
  }
};

const describe = ({ id, title, schedule, nextAt, paused, isRunning, lastRun }: Recall): string => {
  const when = isRunning ? 'runs now' : paused ? 'paused' : nextAt === null ? 'not due again' : `next ${nextAt}`;
  const last = lastRun === null ? '' : `; last: ${lastRun.state}`;
  return `${id} "${title}" (${JSON.stringify(schedule)}): ${when}${last}`;
};

const describeRun = ({ dueAt, state, attempt, missed, error, answer }: RecallRun): string => {
  const marks = [...(attempt > 1 ? ['second attempt'] : []), ...(missed > 0 ? [`${missed} missed before`] : [])];
  const said = error === null ? (answer ?? '').slice(-300) : error.message;
  return `${dueAt} ${state}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}${said === '' ? '' : `: ${said}`}`;
};
