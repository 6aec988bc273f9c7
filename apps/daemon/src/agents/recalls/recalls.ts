/** Recalls as the hub offers them: made, changed, run now, removed; carried out by the scheduler (A5). */
import {
  type Device,
  mainNodeId,
  maxRecalls,
  NavisError,
  newId,
  type NewRecall,
  pageSize,
  type Profile,
  type Recall,
  type RecallChange,
  type RecallRun,
} from '@navisai/protocol';
import type { RecallFacts, StoreWriter } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { createListeners } from '../../services/listeners.ts';
import { createCarryOut, type CarryOutParts } from './carry-out.ts';
import { checkSchedule, firstOccurrence, occurrenceAfter } from './next-run.ts';
import { fixPermissions } from './permissions.ts';
import { recallEvent } from './recall-event.ts';
import type { RecallAlarm, RecallMaker } from './recalls.types.ts';
import { RecallScheduler } from './scheduler.ts';

export interface RecallsParts extends CarryOutParts {
  log: FastifyBaseLogger;
  instanceId: string;
  goesOn?(sessionId: string): boolean;
}

export class Recalls implements AsyncDisposable {
  readonly #parts: RecallsParts;
  readonly #scheduler: RecallScheduler;
  readonly #alarms = createListeners<RecallAlarm>();
  readonly onAlarm = this.#alarms.add;

  constructor(parts: RecallsParts) {
    this.#parts = parts;
    const name = `${parts.instanceId}:${newId('call').slice(2, 12)}`;
    this.#scheduler = new RecallScheduler({
      ...parts,
      name,
      // One process at a time is this hub.
      isGone: (other) => other.startsWith(`${parts.instanceId}:`) && other !== name,
      carryOut: createCarryOut(parts),
      onAlarm: (alarm) => this.#alarms.tell(alarm),
    });
  }

  /** From now on what is due runs; to be called when nodes and models are there. */
  async start(): Promise<void> {
    await this.#scheduler.wake();
  }

  async list(userId: string): Promise<Recall[]> {
    const stored = await this.#parts.keeper.store.read.recalls.list({ userId, limit: pageSize.max });
    return stored.map(({ recall }) => recall);
  }

  /** Rejects NavisError NOT_FOUND for one that is not there or another user's. */
  async visible(viewer: Pick<Device, 'userId'> & { scope?: Device['scope'] }, id: string): Promise<Recall> {
    const stored = await this.#parts.keeper.store.read.recalls.get(id);
    if (stored === undefined || (stored.recall.userId !== viewer.userId && viewer.scope !== 'admin')) throw notFound();
    return stored.recall;
  }

  history({ id }: Recall, limit: number = pageSize.default): Promise<RecallRun[]> {
    return this.#parts.keeper.store.read.recalls.runs({ recallId: id, limit });
  }

  /** Rejects NavisError INVALID_ARGUMENT, NOT_FOUND (profile, session, node) or CONFLICT when there are too many. */
  async create(maker: RecallMaker, given: NewRecall): Promise<Recall> {
    const { clock, profiles } = this.#parts;
    const nowMs = clock.now();
    checkSchedule(given.schedule, nowMs);
    const { profile } = await profiles.get(given.profile);
    await this.#checkPlace(maker, given);
    const facts = this.#factsOf(maker, { given, profile, nowMs });
    const askedAt = given.schedule.kind === 'now' ? facts.createdAt : null;
    const recall = await this.#change(facts.id, 'created', async ({ recalls }) => {
      if ((await recalls.countActive(maker.userId)) >= maxRecalls)
        throw new NavisError('CONFLICT', `There are ${maxRecalls} recalls already. Remove one first.`);
      await recalls.prune({ userId: maker.userId, keep: maxRecalls });
      await recalls.create(facts, askedAt);
    });
    void this.#scheduler.wake();
    return recall;
  }

  /** Its permissions stay; what is changed of its schedule counts from now. */
  async change({ id, schedule, nextAt, paused }: Recall, change: RecallChange): Promise<Recall> {
    const nowMs = this.#parts.clock.now();
    if (change.schedule !== undefined) checkSchedule(change.schedule, nowMs);
    const newTime =
      change.schedule === undefined
        ? timeOnResume({ schedule, nextAt, nowMs, isResumed: paused && change.paused === false })
        : { nextAt: isoOf(firstOccurrence(change.schedule, nowMs)) };
    const isWantedNow = change.schedule?.kind === 'now';
    const recall = await this.#change(id, 'changed', async ({ recalls }) => {
      if (!(await recalls.change(id, { ...change, ...newTime }))) throw notFound();
      if (isWantedNow) await recalls.ask(id, new Date(nowMs).toISOString());
    });
    void this.#scheduler.wake();
    return recall;
  }

  async runNow({ id }: Recall): Promise<Recall> {
    const at = new Date(this.#parts.clock.now()).toISOString();
    const recall = await this.#change(id, 'changed', async ({ recalls }) => void (await recalls.ask(id, at)));
    void this.#scheduler.wake();
    return recall;
  }

  async remove(recall: Recall): Promise<void> {
    await this.#parts.feed.transaction(async ({ recalls, appendEvents }) => {
      if (!(await recalls.remove(recall.id))) throw notFound();
      await appendEvents([recallEvent('removed', recall)]);
    });
    this.#scheduler.cancel(recall.id);
  }

  /** The hub leaves: what runs is neither ended nor kept as over; it runs once more when the hub is back. */
  leave(): void {
    this.#scheduler.leave();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scheduler[Symbol.asyncDispose]();
  }

  async #change(
    id: string,
    change: 'created' | 'changed',
    work: (writer: StoreWriter) => Promise<void>,
  ): Promise<Recall> {
    return this.#parts.feed.transaction(async (writer) => {
      await work(writer);
      const stored = await writer.recalls.get(id);
      if (stored === undefined) throw notFound();
      await writer.appendEvents([recallEvent(change, stored.recall)]);
      return stored.recall;
    });
  }

  async #checkPlace({ userId }: RecallMaker, { sessionId, nodeId }: NewRecall): Promise<void> {
    if (nodeId !== null && nodeId !== mainNodeId && this.#parts.findNode(nodeId) === undefined)
      throw new NavisError('NODE_UNKNOWN');
    if (sessionId === undefined) return;
    const session = await this.#parts.keeper.store.read.sessions.get(sessionId);
    if (session?.userId !== userId || session.kind !== 'agent')
      throw new NavisError('NOT_FOUND', 'There is no such conversation.', { field: 'sessionId' });
  }

  #factsOf(maker: RecallMaker, how: { given: NewRecall; profile: Profile; nowMs: number }): RecallFacts {
    const { given, profile, nowMs } = how;
    const { approvals: _, mayAsk: _m, waitMinutes: _w, sessionId, ...rest } = given;
    const at = new Date(nowMs).toISOString();
    return {
      ...rest,
      id: newId('recall'),
      paused: false,
      sessionId: sessionId ?? null,
      ownsSession: sessionId === undefined,
      userId: maker.userId,
      instanceId: this.#parts.instanceId,
      permissions: fixPermissions({ given, profile, maker, at }),
      createdBy: maker.name,
      createdAt: at,
      nextAt: isoOf(firstOccurrence(given.schedule, nowMs)),
    };
  }
}

/** What passed while it was paused was not missed. */
const timeOnResume = ({
  schedule,
  nextAt,
  nowMs,
  isResumed,
}: Pick<Recall, 'schedule' | 'nextAt'> & { nowMs: number; isResumed: boolean }): { nextAt?: string | null } => {
  if (!isResumed || nextAt === null || schedule.kind === 'once' || Date.parse(nextAt) > nowMs) return {};
  return { nextAt: isoOf(occurrenceAfter(schedule, nowMs, Date.parse(nextAt))) };
};

const notFound = (): NavisError => new NavisError('NOT_FOUND', 'There is no such recall.');
const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
