/** Runs that the hub left without an end: they are marked honestly, and those that waited for a person go on (A2, A3). */
import { type Approval, type RunEndReason } from '@navisai/protocol';
import type { RunRecord, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { maxPendingApprovals } from '../../services/approvals.ts';
import { endStream, interruptedText } from '../conversation/command-stream.ts';
import type { SessionRuns } from './session-runs.ts';

export interface RecoveryParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  log: FastifyBaseLogger;
  instanceId: string;
  runs: SessionRuns;
  /** It goes on in this process. */
  isUnderWay(runId: string): boolean;
}

const interrupted: RunEndReason = 'interrupted';

/** To be called when the machine has started and the store can be read (again), before anyone is served. */
export const recoverRuns = async (parts: RecoveryParts): Promise<void> => {
  const { keeper, instanceId } = parts;
  const unfinished = await keeper.store.read.conversations.unfinishedRuns();
  const left = unfinished.filter((run) => run.instanceId === instanceId && !parts.isUnderWay(run.id));
  for (const run of left) await (run.kind === 'command' ? endCommand(parts, run) : markInterrupted(parts, run));
  const pending = await keeper.store.read.approvals.list({ state: 'pending', limit: maxPendingApprovals });
  const waiting = new Set(pending.flatMap((approval) => runOf(approval) ?? []));
  const roots = new Map<string, RunRecord>();
  for (const runId of waiting) {
    const root = await rootOf(parts, runId);
    if (root !== undefined) roots.set(root.sessionId, root);
  }
  for (const root of roots.values()) await goOn(parts, root);
};

const runOf = (approval: Approval): string | null => (approval.kind === 'call' ? approval.detail.runId : null);

const markInterrupted = async ({ feed, now }: RecoveryParts, run: RunRecord): Promise<void> => {
  const { id, sessionId, usage, startSeq } = run;
  const canContinue = run.kind === 'agent' && run.parent === null;
  await feed.transaction(async ({ conversations, sessions, appendEvents }) => {
    await conversations.compactDeltas({ stream: sessionId, streamId: id, from: startSeq });
    const data = { streamId: id, reason: interrupted, usage, error: null, canContinue };
    if ((await sessions.get(sessionId)) !== undefined)
      await appendEvents([{ stream: sessionId, sessionId, type: 'stream_end', data }]);
    await conversations.changeRun(id, { state: interrupted, endedAt: new Date(now()).toISOString() });
  });
};

/** The person reads how it stands, and so does the next run. */
const endCommand = async (parts: RecoveryParts, run: RunRecord): Promise<void> => {
  const { id: streamId, sessionId } = run;
  const { read } = parts.keeper.store;
  if ((await read.sessions.get(sessionId)) === undefined) return markInterrupted(parts, run);
  const said = [...(await read.conversations.outline(sessionId)), ...(await read.conversations.waiting(sessionId))];
  const text = said.find(({ runId }) => runId === streamId)?.text ?? '';
  await endStream(parts, { streamId, sessionId, text }, { text: interruptedText(streamId), reason: interrupted });
};

/** The run of the conversation that started it. */
const rootOf = async ({ keeper }: RecoveryParts, runId: string): Promise<RunRecord | undefined> => {
  const { conversations } = keeper.store.read;
  let run = await conversations.run(runId);
  while (run !== undefined && run.parent !== null) run = await conversations.run(run.parent.runId);
  return run;
};

/**
 * Its gate finds the question that is asked already, by the id of the call. A run that went on with it before, and was left
 * as well, waited for the same answer: what goes on is the last one.
 */
const goOn = async ({ keeper, runs, log }: RecoveryParts, root: RunRecord): Promise<void> => {
  try {
    const last = await keeper.store.read.conversations.lastRun(root.sessionId);
    const session = await keeper.store.read.sessions.get(root.sessionId);
    const isLeft = root.state === interrupted && last?.state === interrupted;
    if (session !== undefined && isLeft && runs.current(root.sessionId) === undefined) runs.begin(session, last);
  } catch (error) {
    log.error({ err: error, runId: root.id }, 'a run that waits for an approval could not go on');
  }
};
