/** Approvals: durable questions to the person, decided exactly once (A2, I14). */
import {
  type Approval,
  type ApprovalOf,
  type Device,
  type GrantScope,
  NavisError,
  type Scope,
  scopeIncludes,
  type SignedText,
} from '@navisai/protocol';
import {
  hubStream,
  type NewEvent,
  type SignedRule,
  type StoreFeed,
  type StoreKeeper,
  type StoreWriter,
} from '@navisai/store';
import { createListeners } from './listeners.ts';

export interface Approvals {
  get(id: string): Promise<Approval | undefined>;
  /** What the device may see: of calls those of its own user, unless it is an admin. */
  visible(device: Device, id: string): Promise<Approval>;
  list(request: { device: Device; state?: Approval['state'] | undefined; limit: number }): Promise<Approval[]>;
  /** Rejects NavisError NOT_FOUND, FORBIDDEN, INVALID_REQUEST, or CONFLICT when it is decided already. */
  decide(decision: Decision): Promise<Approval>;
  /** A rule of the person answers it; does nothing when it is decided already. */
  settleByRule(id: string, rule: SignedRule): Promise<void>;
  /** Nobody needs it any more; does nothing when it is decided already. */
  withdraw(id: string, comment: string): Promise<void>;
  /** Marks what nobody decided in time, and tells it. */
  expire(): Promise<void>;
  /** Told of every approval that is pending no more. */
  onSettled(listener: (approval: Approval) => void): () => void;
}

/** Pending ones that are read at once: far more than ever wait for people. */
export const maxPendingApprovals = 10_000;

export interface Decision {
  id: string;
  state: 'approved' | 'rejected';
  by: Device;
  /** Narrower than what was asked for, if the person says so. */
  scope?: Scope | undefined;
  grant?: GrantScope | undefined;
  comment?: string | undefined;
  signed?: SignedText | undefined;
}

/** What follows from a decision, in the same transaction; answers what to do once it is on disk. */
export type Consequence<K extends Approval['kind']> = (
  writer: StoreWriter,
  decided: { approval: ApprovalOf<K>; decision: Decision },
) => Promise<() => void>;

/** What each kind of approval asks of a decision; rejects NavisError. */
export type Requirement<K extends Approval['kind']> = (approval: ApprovalOf<K>, decision: Decision) => Promise<void>;

export interface ApprovalsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  /** By the kind of approval. */
  consequences: { [K in Approval['kind']]: Consequence<K> };
  requirements: { [K in Approval['kind']]: Requirement<K> };
}

export const approvalEvent = (type: 'approval.request' | 'approval.updated', approval: Approval): NewEvent => ({
  stream: hubStream,
  type,
  data: { approval },
});

export const createApprovals = (parts: ApprovalsParts): Approvals => {
  const { keeper, feed, now } = parts;
  const settled = createListeners<Approval>();
  const time = (): string => new Date(now()).toISOString();

  /** Changes at most one approval, tells it when it is on disk. */
  const change = async (work: (writer: StoreWriter) => Promise<Approval | undefined>): Promise<void> => {
    const approval = await feed.transaction(async (writer) => {
      const changed = await work(writer);
      if (changed !== undefined) await writer.appendEvents([approvalEvent('approval.updated', changed)]);
      return changed;
    });
    if (approval !== undefined) settled.tell(approval);
  };

  return {
    get: (id) => keeper.store.read.approvals.get(id),
    async visible(device, id) {
      const approval = await keeper.store.read.approvals.get(id);
      if (approval === undefined || !maySee(device, approval)) throw unknownApproval();
      return approval;
    },
    async list({ device, state, limit }) {
      const { approvals } = keeper.store.read;
      if (scopeIncludes(device.scope, 'admin')) return approvals.list({ state, limit });
      return approvals.list({ state, limit, userId: device.userId });
    },
    async decide(decision) {
      await require(parts, decision);
      const { approval, afterwards } = await feed.transaction((writer) => decideIn(parts, writer, decision));
      afterwards();
      settled.tell(approval);
      return approval;
    },
    settleByRule: (id, { rule, signed }) =>
      change(({ approvals }) => {
        const grant = rule.sessionId === null ? 'rule' : 'session';
        return approvals.decide({ id, state: 'approved', decidedBy: rule.createdBy, at: time(), grant, signed });
      }),
    withdraw: (id, comment) => change(({ approvals }) => approvals.withdraw({ id, at: time(), comment })),
    async expire() {
      const pending = await keeper.store.read.approvals.list({ state: 'pending', limit: 1 });
      if (pending.length === 0) return;
      const expired = await feed.transaction(async (writer) => {
        const late = await writer.approvals.expire(time());
        await writer.appendEvents(late.map((approval) => approvalEvent('approval.updated', approval)));
        return late;
      });
      for (const approval of expired) settled.tell(approval);
    },
    onSettled: settled.add,
  };
};

const unknownApproval = (): NavisError => new NavisError('NOT_FOUND', 'There is no such approval.');

/** Pairings are a matter of admins. */
const maySee = (device: Device, approval: Approval): boolean =>
  scopeIncludes(device.scope, 'admin') || (approval.kind === 'call' && approval.detail.call.userId === device.userId);

const require = async ({ keeper, requirements }: ApprovalsParts, decision: Decision): Promise<void> => {
  const approval = await keeper.store.read.approvals.get(decision.id);
  if (approval === undefined || !maySee(decision.by, approval)) throw unknownApproval();
  if (approval.state !== 'pending') throw decidedAlready(approval);
  await (approval.kind === 'pairing'
    ? requirements.pairing(approval, decision)
    : requirements.call(approval, decision));
};

const decideIn = async ({ consequences, now }: ApprovalsParts, writer: StoreWriter, decision: Decision) => {
  const { id, state, by, comment, signed } = decision;
  const at = new Date(now()).toISOString();
  const known = await writer.approvals.get(id);
  const grant = state === 'approved' && known?.kind === 'call' ? (decision.grant ?? 'once') : undefined;
  const approval = await writer.approvals.decide({ id, state, decidedBy: by.id, at, grant, comment, signed });
  if (approval === undefined) throw known === undefined ? unknownApproval() : decidedAlready(known);
  await writer.appendEvents([approvalEvent('approval.updated', approval)]);
  const afterwards = await (approval.kind === 'pairing'
    ? consequences.pairing(writer, { approval, decision })
    : consequences.call(writer, { approval, decision }));
  return { approval, afterwards };
};

const decidedAlready = (approval: Approval): NavisError => {
  const state = approval.state === 'pending' ? 'expired' : approval.state;
  const message = state === 'expired' ? 'This has expired.' : `This was ${state} already.`;
  return new NavisError('CONFLICT', message, { details: { state } });
};
