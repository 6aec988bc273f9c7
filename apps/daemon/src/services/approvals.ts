/** Approvals: durable questions to the person, decided exactly once (A2, I14). */
import { type Approval, type ApprovalOf, type Device, NavisError, type Scope } from '@navisai/protocol';
import { hubStream, type NewEvent, type StoreFeed, type StoreKeeper, type StoreWriter } from '@navisai/store';

export interface Approvals {
  get(id: string): Promise<Approval | undefined>;
  list(request: { state?: Approval['state'] | undefined; limit: number }): Promise<Approval[]>;
  /** Rejects NavisError NOT_FOUND, or CONFLICT when it is decided already. */
  decide(decision: Decision): Promise<Approval>;
  /** Marks what nobody decided in time, and tells it. */
  expire(): Promise<void>;
}

export interface Decision {
  id: string;
  state: 'approved' | 'rejected';
  by: Device;
  /** Narrower than what was asked for, if the person says so. */
  scope?: Scope | undefined;
}

/** What follows from a decision, in the same transaction; answers what to do once it is on disk. */
export type Consequence<K extends Approval['kind']> = (
  writer: StoreWriter,
  decided: { approval: ApprovalOf<K>; decision: Decision },
) => Promise<() => void>;

export interface ApprovalsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  /** By the kind of approval. */
  consequences: { [K in Approval['kind']]: Consequence<K> };
}

export const approvalEvent = (type: 'approval.request' | 'approval.updated', approval: Approval): NewEvent => ({
  stream: hubStream,
  type,
  data: { approval },
});

export const createApprovals = ({ keeper, feed, now, consequences }: ApprovalsParts): Approvals => {
  const time = (): string => new Date(now()).toISOString();

  const decideIn = async (writer: StoreWriter, decision: Decision) => {
    const { id, state, by } = decision;
    const approval = await writer.approvals.decide({ id, state, decidedBy: by.id, at: time() });
    if (approval === undefined) throw await whyNot(writer, id);
    await writer.appendEvents([approvalEvent('approval.updated', approval)]);
    const afterwards = await (approval.kind === 'pairing'
      ? consequences.pairing(writer, { approval, decision })
      : consequences.call(writer, { approval, decision }));
    return { approval, afterwards };
  };

  const whyNot = async (writer: StoreWriter, id: string): Promise<NavisError> => {
    const approval = await writer.approvals.get(id);
    if (approval === undefined) return new NavisError('NOT_FOUND', 'There is no such approval.');
    const state = approval.state === 'pending' ? 'expired' : approval.state;
    return new NavisError('CONFLICT', `This was ${state} already.`, { details: { state } });
  };

  return {
    get: (id) => keeper.store.read.approvals.get(id),
    list: (request) => keeper.store.read.approvals.list(request),
    async decide(decision) {
      const { approval, afterwards } = await feed.transaction((writer) => decideIn(writer, decision));
      afterwards();
      return approval;
    },
    async expire() {
      const pending = await keeper.store.read.approvals.list({ state: 'pending', limit: 1 });
      if (pending.length === 0) return;
      await feed.transaction(async (writer) => {
        const expired = await writer.approvals.expire(time());
        await writer.appendEvents(expired.map((approval) => approvalEvent('approval.updated', approval)));
      });
    },
  };
};
