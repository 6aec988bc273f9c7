/** What every adapter must do for standing decisions, enrolments and approvals of calls (A2, N12). */
import { type ApprovalOf, newId, type Rule, type SignedText } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const signed = (text: string): SignedText => ({ text, signature: 'c2ln', deviceId: 'd_1111' });

const newRule = (facts: Partial<Rule> = {}): Rule => ({
  id: newId('rule'),
  effect: 'allow',
  matcher: { tools: ['terminal.run'], commandPrefixes: ['npm test'] },
  nodes: null,
  sessionId: null,
  userId: 'u_1',
  description: 'tests',
  createdAt: at(0),
  expiresAt: null,
  createdBy: 'd_1111',
  ...facts,
});

const newCallApproval = (userId: string): ApprovalOf<'call'> => {
  const step = { rule: 'approvals', subject: 'risky', effect: 'ask', reason: 'x', source: 'Navis' } as const;
  const call = { callId: newId('call'), sessionId: newId('session'), userId, nodeId: 'main', tool: 'terminal' };
  return {
    id: newId('approval'),
    kind: 'call',
    state: 'pending',
    title: 'Run: npm test',
    detail: {
      call: { ...call, arguments: { action: 'run', command: 'npm test' } },
      runId: null,
      requester: { kind: 'agent', name: 'developer' },
      summary: 'Run: npm test',
      text: 'npm test',
      workingDirectory: null,
      nodeName: 'main',
      risk: 'changing',
      reasons: [],
      decision: { effect: 'ask', decidedBy: step, trace: [step] },
      isUnmasked: false,
      proposed: null,
      needsOtherDevice: false,
    },
    createdAt: at(0),
    expiresAt: at(600),
    decidedAt: null,
    decidedBy: null,
    grant: null,
    comment: null,
  };
};

export const testRules = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A2: a rule is in force until it expires or is removed, and never comes back`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [lasting, short] = [newRule(), newRule({ createdAt: at(1), expiresAt: at(60) })];
    const add = (rule: Rule) => store.transaction(({ rules }) => rules.add({ rule, signed: signed(rule.id) }));
    expect((await add(lasting)).result).toBe(true);
    expect((await add(short)).result).toBe(true);
    expect((await add(short)).result).toBe(false);
    expect((await store.read.rules.inForce(at(2))).map(({ rule }) => rule)).toEqual([short, lasting]);
    expect((await store.read.rules.inForce(at(60))).map(({ rule }) => rule)).toEqual([lasting]);
    expect(await store.read.rules.get(short.id)).toEqual({ rule: short, signed: signed(short.id) });
    const remove = (id: string) => store.transaction(({ rules }) => rules.remove(id, at(3)));
    expect((await remove(lasting.id)).result).toBe(true);
    expect((await remove(lasting.id)).result).toBe(false);
    expect((await add(lasting)).result).toBe(false);
    expect(await store.read.rules.inForce(at(61))).toEqual([]);
  });

  test(`${name}: N12: a device has one enrolment, the newest`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const put = (text: string) =>
      store.transaction(({ enrolments }) => enrolments.put({ deviceId: 'd_2222', signed: signed(text), at: at(0) }));
    expect(await store.read.enrolments.get('d_2222')).toBeUndefined();
    await put('one');
    await put('two');
    expect(await store.read.enrolments.get('d_2222')).toEqual(signed('two'));
    expect(await store.read.enrolments.list()).toEqual([{ deviceId: 'd_2222', signed: signed('two') }]);
  });

  test(`${name}: A2: a call has one approval, found by the call, that keeps how it was decided`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const approval = newCallApproval('u_1');
    const { sessionId, callId } = approval.detail.call;
    const create = (one: typeof approval) => store.transaction(({ approvals }) => approvals.create(one));
    await create(approval);
    await expect(create({ ...approval, id: newId('approval') })).rejects.toThrow();
    expect(await store.read.approvals.ofCall({ sessionId, callId })).toEqual(approval);
    expect(await store.read.approvals.ofCall({ sessionId, callId: 'c_other_one' })).toBeUndefined();
    expect(await store.read.approvals.list({ limit: 10, userId: 'u_2' })).toEqual([]);
    const decision = { id: approval.id, state: 'approved', decidedBy: 'd_1111', at: at(1) } as const;
    const { result } = await store.transaction(({ approvals }) =>
      approvals.decide({ ...decision, grant: 'session', comment: 'go on', signed: signed('text') }),
    );
    expect(result).toMatchObject({ state: 'approved', grant: 'session', comment: 'go on' });
    expect(await store.read.approvals.signed(approval.id)).toEqual(signed('text'));
  });

  test(`${name}: A2: what nobody needs any more is withdrawn, unless it is decided`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [first, second] = [newCallApproval('u_1'), newCallApproval('u_1')];
    await store.transaction(async ({ approvals }) => {
      await approvals.create(first);
      await approvals.create(second);
      await approvals.decide({ id: second.id, state: 'rejected', decidedBy: 'd_1111', at: at(1), comment: 'no' });
    });
    const withdraw = (id: string) =>
      store.transaction(({ approvals }) => approvals.withdraw({ id, at: at(2), comment: 'stopped' }));
    expect((await withdraw(first.id)).result).toMatchObject({ state: 'expired', comment: 'stopped', decidedAt: at(2) });
    expect((await withdraw(second.id)).result).toBeUndefined();
    expect(await store.read.approvals.get(second.id)).toMatchObject({ state: 'rejected', comment: 'no' });
  });
};
