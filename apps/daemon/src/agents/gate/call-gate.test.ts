/** Calls that no person made: asked, decided once, found again after a restart (A1, A2, A5, N12). */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApprovalOf,
  type BoundCall,
  type Device,
  mainNodeId,
  newId,
  profileSchema,
  type Rule,
  type SignedText,
  type Statement,
  statementText,
} from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, StoreKeeper } from '@navisai/store';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importPublicKey } from '../../authentication/authenticate.ts';
import type { Actor, GateAnswer } from '../agents.types.ts';
import { leave } from '../leaving.ts';
import { createDecisions } from './create-decisions.ts';

const hubId = 'h'.repeat(43);
let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'navis-gate-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newKeyDevice = (facts: Partial<Device> = {}) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const device: Device = {
    id: newId('device'),
    name: 'd',
    kind: 'browser',
    userId: 'u_owner',
    scope: 'admin',
    createdAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: null,
    revokedAt: null,
    ...facts,
  };
  const signed = (statement: Statement): SignedText => {
    const text = statementText(statement);
    return { text, signature: sign(null, Buffer.from(text), privateKey).toString('base64'), deviceId: device.id };
  };
  return { device, publicKey: String(publicKey.export({ format: 'jwk' }).x), signed };
};

const host = newKeyDevice({ kind: 'host' });
const phone = newKeyDevice();
const viewer = newKeyDevice({ scope: 'viewer' });
const stranger = newKeyDevice();
const other = newKeyDevice({ userId: 'u_other', scope: 'operator' });
const paired = [phone, viewer, other];

const session = {
  id: newId('session'),
  kind: 'agent' as const,
  title: 't',
  userId: 'u_owner',
  instanceId: 'main',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  seq: 0,
};

const newActor = (facts: Partial<Actor> = {}): Actor => ({
  session,
  userId: 'u_owner',
  requester: { kind: 'agent', name: 'developer' },
  runId: newId('run'),
  profile: profileSchema.parse({ id: 'developer', name: 'd', description: '', tools: [] }),
  approvals: 'risky',
  nodeId: null,
  directory: null,
  depth: 0,
  mayAsk: true,
  ...facts,
});

const newCall = (command: string, facts: Partial<BoundCall> = {}): BoundCall => ({
  callId: newId('call'),
  sessionId: session.id,
  userId: 'u_owner',
  nodeId: mainNodeId,
  tool: 'terminal',
  arguments: { action: 'run', command },
  ...facts,
});

/** The hub's part of it, over a store in a file: opened twice it is a restart. */
const openGate = async ({ sandbox = 'bubblewrap' as 'bubblewrap' | 'none', now = Date.now } = {}) => {
  const keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'store.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  const known = [host, ...paired].filter(({ device }) => !revoked.has(device.id));
  const devices = {
    find: (id: string) => {
      const found = known.find(({ device }) => device.id === id && !revoked.has(id));
      return found && { device: found.device, key: importPublicKey(found.publicKey) };
    },
  };
  const owner = { deviceId: host.device.id, publicKey: host.publicKey, hubId };
  for (const { device, publicKey } of paired) {
    const { id: deviceId, scope, userId } = device;
    const at = '2026-01-01T00:00:00.000Z';
    const signed = host.signed({ statement: 'navis.enrolment.v1', hubId, deviceId, publicKey, scope, userId, at });
    await feed.transaction(({ enrolments }) => enrolments.put({ deviceId, signed, at }));
  }
  const nodes = { registry: { find: () => undefined }, policies: { known: () => ({ sandbox }) } };
  const decisions = createDecisions({
    keeper,
    feed,
    owner,
    now,
    personHome: '/home/me',
    log: pino({ level: 'silent' }),
    // Only these parts of them are asked.
    devices: devices as never,
    nodes: nodes as never,
    pairing: { consequence: async () => () => undefined } as never,
  });
  const pending = async (): Promise<ApprovalOf<'call'>[]> =>
    (await decisions.approvals.list({ device: host.device, state: 'pending', limit: 100 })).filter(
      (one) => one.kind === 'call',
    );
  const authorise = (call: BoundCall, actor = newActor(), signal = new AbortController().signal): Promise<GateAnswer> =>
    decisions.gate.authorise({ actor, call, signal });
  return {
    ...decisions,
    keeper,
    pending,
    authorise,
    [Symbol.asyncDispose]: async () => keeper[Symbol.asyncDispose](),
  };
};
const revoked = new Set<string>();
beforeEach(() => revoked.clear());

const untilPending = async (gate: Awaited<ReturnType<typeof openGate>>, count = 1): Promise<ApprovalOf<'call'>[]> =>
  eventually(async () => {
    const pending = await gate.pending();
    return pending.length === count ? pending : undefined;
  });

const eventually = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = Date.now() + 25_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const once = ({ id, expiresAt, detail }: ApprovalOf<'call'>, facts: Partial<Statement> = {}): Statement =>
  ({
    statement: 'navis.approval.v1',
    hubId,
    approvalId: id,
    call: detail.call,
    isUnmasked: detail.isUnmasked,
    at: new Date().toISOString(),
    expiresAt,
    ...facts,
  }) as Statement;

const ruleOf = ({ detail }: ApprovalOf<'call'>, by: Device, facts: Partial<Rule> = {}): Statement => ({
  statement: 'navis.rule.v1',
  hubId,
  at: new Date().toISOString(),
  rule: {
    id: newId('rule'),
    effect: 'allow',
    matcher: detail.proposed ?? { tools: ['terminal'] },
    nodes: null,
    sessionId: detail.call.sessionId,
    userId: detail.call.userId,
    description: '',
    createdAt: new Date().toISOString(),
    expiresAt: null,
    createdBy: by.id,
    ...facts,
  },
});

const refused = (code: string, text = '') => ({
  kind: 'refused',
  result: { success: false, error: { code, message: expect.stringContaining(text) as unknown } },
});

describe('A1: the gate', () => {
  test('A1: reading passes without a question', async () => {
    await using gate = await openGate();
    expect(await gate.authorise(newCall('git status'))).toEqual({
      kind: 'allowed',
      authority: null,
      isUnmasked: false,
    });
    expect(await gate.pending()).toEqual([]);
  });

  test('A2: what changes waits for a person; the approval travels to the machine', async () => {
    await using gate = await openGate();
    const waited: boolean[] = [];
    const call = newCall('npm test');
    const answer = gate.gate.authorise({
      actor: newActor(),
      call,
      signal: new AbortController().signal,
      onWaiting: (isWaiting) => void waited.push(isWaiting),
    });
    const [approval] = await untilPending(gate);
    if (approval === undefined) throw new Error('nothing asks');
    expect(approval.detail).toMatchObject({ text: 'npm test', risk: 'changing', call });
    const signed = phone.signed(once(approval));
    await gate.approvals.decide({ id: approval.id, state: 'approved', by: phone.device, signed });
    expect(await answer).toMatchObject({ kind: 'allowed', authority: { signed }, isUnmasked: false });
    expect(waited).toEqual([true, false]);
    expect(await gate.approvals.get(approval.id)).toMatchObject({ state: 'approved', grant: 'once' });
  });

  test('A2: the model reads what the person said when they refused', async () => {
    await using gate = await openGate();
    const answer = gate.authorise(newCall('rm -r x'));
    const [approval] = await untilPending(gate);
    const id = approval?.id ?? '';
    await gate.approvals.decide({ id, state: 'rejected', by: phone.device, comment: 'use git clean' });
    expect(await answer).toMatchObject(refused('POLICY_DENIED', 'They say: use git clean'));
  });

  test('A5: where nobody may answer it is refused at once, and says what it was', async () => {
    await using gate = await openGate();
    const questions: string[] = [];
    const actor = newActor({ mayAsk: false, onUnanswerable: (question) => void questions.push(question) });
    expect(await gate.authorise(newCall('npm test'), actor)).toMatchObject(refused('POLICY_DENIED', 'npm test'));
    expect(questions).toEqual(['Run: npm test']);
    expect(await gate.pending()).toEqual([]);
  });

  test('A2: a pending question survives a restart, a decided one as well, and the same call finds it', async () => {
    const call = newCall('npm test');
    {
      await using gate = await openGate();
      const controller = new AbortController();
      const answer = gate.authorise(call, newActor(), controller.signal);
      await untilPending(gate);
      leave(controller);
      expect(await answer).toMatchObject(refused('CANCELLED'));
    }
    {
      await using gate = await openGate();
      const [approval] = await gate.pending();
      if (approval === undefined) throw new Error('the question is lost');
      await gate.approvals.decide({
        id: approval.id,
        state: 'approved',
        by: phone.device,
        signed: phone.signed(once(approval)),
      });
    }
    await using gate = await openGate();
    expect(await gate.authorise(call)).toMatchObject({ kind: 'allowed' });
    const changed = { ...call, arguments: { action: 'run', command: 'rm -rf /' } };
    expect(await gate.authorise(changed)).toMatchObject(refused('CONFLICT', 'arguments'));
  });

  test('N12: an approval counts no more when its device was revoked meanwhile, or when it has ended', async () => {
    const call = newCall('npm test');
    {
      await using gate = await openGate();
      const controller = new AbortController();
      const answer = gate.authorise(call, newActor(), controller.signal);
      const [approval] = await untilPending(gate);
      leave(controller);
      await answer;
      if (approval === undefined) throw new Error('nothing was asked');
      const signed = phone.signed(once(approval));
      await gate.approvals.decide({ id: approval.id, state: 'approved', by: phone.device, signed });
    }
    {
      await using later = await openGate({ now: () => Date.now() + 25 * 3_600_000 });
      expect(await later.authorise(call)).toMatchObject(refused('POLICY_DENIED', 'no longer holds'));
    }
    revoked.add(phone.device.id);
    await using gate = await openGate();
    expect(await gate.authorise(call)).toMatchObject(refused('POLICY_DENIED', 'revoked'));
  });

  test('A3: a call that is stopped takes its question back', async () => {
    await using gate = await openGate();
    const controller = new AbortController();
    const call = newCall('npm test');
    const answer = gate.authorise(call, newActor(), controller.signal);
    const [approval] = await untilPending(gate);
    controller.abort();
    expect(await answer).toMatchObject(refused('CANCELLED'));
    expect(await gate.approvals.get(approval?.id ?? '')).toMatchObject({ state: 'expired' });
    expect(await gate.authorise(call)).toMatchObject(
      refused('POLICY_DENIED', 'The call was stopped. Nothing was done.'),
    );
  });

  test('A2: nobody answers in time: it is refused', async () => {
    let nowMs = Date.now();
    await using gate = await openGate({ now: () => nowMs });
    const answer = gate.authorise(newCall('npm test'), newActor({ waitMs: 60_000 }));
    await untilPending(gate);
    nowMs += 60_001;
    await gate.approvals.expire();
    expect(await answer).toMatchObject(refused('POLICY_DENIED', 'in time'));
  });

  test('A2: of a hundred decisions at once exactly one wins', async () => {
    await using gate = await openGate();
    for (let round = 0; round < 10; round += 1) {
      const answer = gate.authorise(newCall(`touch ${round}`));
      const [approval] = await untilPending(gate);
      if (approval === undefined) throw new Error('nothing asks');
      const { id } = approval;
      const decisions = Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0
          ? gate.approvals.decide({ id, state: 'approved', by: phone.device, signed: phone.signed(once(approval)) })
          : gate.approvals.decide({ id, state: 'rejected', by: host.device }),
      );
      const settled = await Promise.allSettled(decisions);
      const winners = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.state] : []));
      expect(winners).toHaveLength(1);
      const { kind } = await answer;
      expect(kind).toBe(winners[0] === 'approved' ? 'allowed' : 'refused');
    }
  });
});

describe('A2: grants', () => {
  test('A2: a grant for the session answers what it covers, also what waits already', async () => {
    await using gate = await openGate();
    const first = gate.authorise(newCall('npm test'));
    const [approval] = await untilPending(gate);
    if (approval === undefined) throw new Error('nothing asks');
    const second = gate.authorise(newCall('npm test --silent'));
    const third = gate.authorise(newCall('npm run build'));
    await untilPending(gate, 3);
    const signed = phone.signed(ruleOf(approval, phone.device));
    await gate.approvals.decide({ id: approval.id, state: 'approved', by: phone.device, grant: 'session', signed });
    expect(await first).toMatchObject({ kind: 'allowed', authority: { signed } });
    expect(await second).toMatchObject({ kind: 'allowed', authority: { signed } });
    expect(await gate.authorise(newCall('npm test again'))).toMatchObject({ kind: 'allowed', authority: { signed } });
    expect((await untilPending(gate)).map(({ detail }) => detail.text)).toEqual(['npm run build']);
    const elsewhere = newCall('npm test', { sessionId: newId('session') });
    void gate.authorise(elsewhere);
    await untilPending(gate, 2);
    void third;
  });

  test('A2: a rule counts no more when it is removed, or when its device is revoked', async () => {
    await using gate = await openGate();
    const make = async (): Promise<string> => {
      const statement = ruleOf(
        { detail: { call: newCall(''), proposed: { tools: ['terminal'] } } } as never,
        phone.device,
      );
      return (await gate.rules.add(phone.device, phone.signed(statement))).id;
    };
    const isAllowed = async (): Promise<boolean> =>
      (await gate.authorise(newCall('touch x'), newActor({ mayAsk: false }))).kind === 'allowed';
    const id = await make();
    expect(await isAllowed()).toBe(true);
    await gate.rules.remove(host.device, id);
    expect(await isAllowed()).toBe(false);
    await make();
    expect(await isAllowed()).toBe(true);
    revoked.add(phone.device.id);
    expect(await isAllowed()).toBe(false);
  });

  test('A5: a recall is not helped by what was allowed after it was made', async () => {
    await using gate = await openGate();
    const statement = ruleOf(
      { detail: { call: newCall(''), proposed: { tools: ['terminal'] } } } as never,
      phone.device,
    );
    await gate.rules.add(phone.device, phone.signed(statement));
    const actor = newActor({ mayAsk: false, rulesUntil: '2026-01-01T00:00:00.000Z' });
    expect(await gate.authorise(newCall('touch x'), actor)).toMatchObject(refused('POLICY_DENIED'));
  });
});

describe('N12: what is signed is what was asked', () => {
  type Make = (approval: ApprovalOf<'call'>) => {
    by: Device;
    signed?: SignedText;
    grant?: 'once' | 'session' | 'rule';
  };
  const altered = (facts: Partial<BoundCall>): Make => {
    return (approval) => ({
      by: phone.device,
      signed: phone.signed(once(approval, { call: { ...approval.detail.call, ...facts } })),
    });
  };
  const table: [string, string, Make][] = [
    ['nothing signed', 'FORBIDDEN', () => ({ by: phone.device })],
    ['another call id', 'INVALID_REQUEST', altered({ callId: newId('call') })],
    ['another session', 'INVALID_REQUEST', altered({ sessionId: newId('session') })],
    ['another user', 'INVALID_REQUEST', altered({ userId: 'u_x' })],
    ['another node', 'INVALID_REQUEST', altered({ nodeId: 'nas' })],
    ['another tool', 'INVALID_REQUEST', altered({ tool: 'code_exec' })],
    ['other arguments', 'INVALID_REQUEST', altered({ arguments: { action: 'run', command: 'npm test ' } })],
    [
      'more arguments',
      'INVALID_REQUEST',
      altered({ arguments: { action: 'run', command: 'npm test', working_dir: '/' } }),
    ],
    [
      'another approval',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(once(one, { approvalId: newId('approval') })) }),
    ],
    [
      'another sandbox',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(once(one, { isUnmasked: true })) }),
    ],
    [
      'another hub',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(once(one, { hubId: 'x' })) }),
    ],
    [
      'holds too long',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(once(one, { expiresAt: '2099-01-01T00:00:00.000Z' })) }),
    ],
    [
      'expired',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(once(one, { expiresAt: '2020-01-01T00:00:00.000Z' })) }),
    ],
    ['signed by another device', 'FORBIDDEN', (one) => ({ by: phone.device, signed: host.signed(once(one)) })],
    [
      'a forged signature',
      'FORBIDDEN',
      (one) => ({ by: phone.device, signed: { ...phone.signed(once(one)), text: `${statementText(once(one))} ` } }),
    ],
    ['a device of nobody', 'FORBIDDEN', (one) => ({ by: stranger.device, signed: stranger.signed(once(one)) })],
    ['a viewer', 'FORBIDDEN', (one) => ({ by: viewer.device, signed: viewer.signed(once(one)) })],
    ['another user who is no admin', 'NOT_FOUND', (one) => ({ by: other.device, signed: other.signed(once(one)) })],
    [
      'a rule for once',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, signed: phone.signed(ruleOf(one, phone.device)) }),
    ],
    [
      'a rule of another session',
      'INVALID_REQUEST',
      (one) => ({
        by: phone.device,
        grant: 'session',
        signed: phone.signed(ruleOf(one, phone.device, { sessionId: null })),
      }),
    ],
    [
      'a rule that does not cover it',
      'INVALID_REQUEST',
      (one) => ({
        by: phone.device,
        grant: 'rule',
        signed: phone.signed(ruleOf(one, phone.device, { matcher: { tools: ['filesystem'] } })),
      }),
    ],
    [
      'a rule that denies',
      'INVALID_REQUEST',
      (one) => ({
        by: phone.device,
        grant: 'rule',
        signed: phone.signed(ruleOf(one, phone.device, { effect: 'deny' })),
      }),
    ],
    [
      'a rule of another device',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, grant: 'rule', signed: phone.signed(ruleOf(one, host.device)) }),
    ],
    [
      'an approval as a rule',
      'INVALID_REQUEST',
      (one) => ({ by: phone.device, grant: 'rule', signed: phone.signed(once(one)) }),
    ],
    ['not a statement', 'INVALID_REQUEST', () => ({ by: phone.device, signed: phone.signed({ x: 1 } as never) })],
  ];
  test.each(table)('N12: refused, and still to be decided: %s', async (_, code, make) => {
    await using gate = await openGate();
    void gate.authorise(newCall('npm test'));
    const [approval] = await untilPending(gate);
    if (approval === undefined) throw new Error('nothing asks');
    const decide = gate.approvals.decide({ id: approval.id, state: 'approved', ...make(approval) });
    await expect(decide).rejects.toMatchObject({ code });
    expect(await gate.approvals.get(approval.id)).toMatchObject({ state: 'pending' });
  });

  test("A7: where nothing isolates, the host's own command line does not decide", async () => {
    await using gate = await openGate({ sandbox: 'none' });
    const answer = gate.authorise(newCall('npm test'));
    const [approval] = await untilPending(gate);
    if (approval === undefined) throw new Error('nothing asks');
    expect(approval.detail.needsOtherDevice).toBe(true);
    const { id } = approval;
    const byHost = gate.approvals.decide({
      id,
      state: 'approved',
      by: host.device,
      signed: host.signed(once(approval)),
    });
    await expect(byHost).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await gate.approvals.decide({ id, state: 'approved', by: phone.device, signed: phone.signed(once(approval)) });
    expect(await answer).toMatchObject({ kind: 'allowed' });
  });

  test('A7, I19: nor does it where a program of an agent, talking ACP, asks for its own tools', async () => {
    await using gate = await openGate({ sandbox: 'none' });
    const controller = new AbortController();
    const answer = gate.gate.authorise({
      actor: newActor({ requester: { kind: 'acp', name: 'opencode' } }),
      call: newCall('npm test'),
      risk: 'unknown',
      signal: controller.signal,
    });
    const [approval] = await untilPending(gate);
    expect(approval?.detail.needsOtherDevice).toBe(true);
    controller.abort();
    await answer;
  });
});
