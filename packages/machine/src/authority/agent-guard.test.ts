/** What a machine itself asks for before a call that no person made may run (A1, N12). */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import type { ApprovalsMode, BoundCall, CallAuthority } from '@navisai/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ToolCallRequest } from '../machine.types.ts';
import { AgentGuard } from './agent-guard.ts';
import { approvalOf, newTestDevice, ruleOf, testOwner } from './test-owner.fixture.ts';

let home = '';
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-authority-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const guardWith = (
  modes: readonly ApprovalsMode[] = [],
  owner: typeof testOwner.owner | null = testOwner.owner,
): AgentGuard =>
  new AgentGuard({
    nodeId: 'nas',
    home,
    owner: () => owner,
    isRevoked: () => false,
    modes: () => modes,
    now: () => new Date(),
  });

const callOf = (given: unknown, tool = 'terminal'): BoundCall => ({
  callId: newId('call'),
  sessionId: newId('session'),
  userId: 'u_test0',
  nodeId: 'nas',
  tool,
  arguments: given,
});
const run = (command: string): BoundCall => callOf({ action: 'run', command });
const requestOf = (call: BoundCall, facts: Partial<ToolCallRequest> = {}): ToolCallRequest => {
  const { tool, arguments: given, sessionId, callId, userId } = call;
  return { tool, arguments: given, sessionId, callId, userId, origin: 'agent', ...facts };
};

const phone = newTestDevice();
const admin = newTestDevice();
const stranger = newTestDevice();

describe('A1: what needs no authority', () => {
  test('A1: reading, what a person does, and what the hub and this machine never ask for', () => {
    const guard = guardWith();
    expect(() => guard.allowTool(requestOf(run('git status')))).not.toThrow();
    expect(() => guard.allowTool(requestOf(run('rm -r x'), { origin: 'person' }))).not.toThrow();
    expect(() => guard.allowTool(requestOf(run('rm -r x'), { approvals: 'never' }))).not.toThrow();
  });

  test('A1: the ceiling asks more than the hub, never less', () => {
    const denied = 'Nothing shows that a person approved it';
    expect(() => guardWith(['risky']).allowTool(requestOf(run('rm x'), { approvals: 'never' }))).toThrow(denied);
    expect(() => guardWith(['always']).allowTool(requestOf(run('ls'), { approvals: 'never' }))).toThrow(denied);
    expect(() => guardWith(['never']).allowTool(requestOf(run('rm x'), { approvals: 'risky' }))).toThrow(denied);
    expect(() => guardWith(['never']).allowTool(requestOf(run('ls'), { approvals: 'always' }))).toThrow(denied);
  });

  test('A7: what is unmasked needs one in every mode', () => {
    const call = callOf({ action: 'run', command: 'ls', unconfined: true });
    const facts = { approvals: 'never', isUnmasked: true } as const;
    expect(() => guardWith().allowTool(requestOf(call, facts))).toThrow('Nothing shows');
    expect(() => guardWith().allowTool(requestOf(run('ls'), facts))).toThrow('Nothing shows');
    const masked = testOwner.approve(call);
    expect(() => guardWith().allowTool(requestOf(call, { ...facts, authority: masked }))).toThrow('another sandbox');
    const authority = testOwner.approve(call, { isUnmasked: true });
    expect(() => guardWith().allowTool(requestOf(call, { ...facts, authority }))).not.toThrow();
  });
});

describe('N12: authorities that count', () => {
  const call = run('npm test');
  const chained = testOwner.enrol(admin, { scope: 'admin', userId: 'u_admin' });
  const table: [string, CallAuthority][] = [
    ['the owner approved it', testOwner.approve(call)],
    ['a device of the owner did', { signed: phone.sign(approvalOf(call)), enrolments: [testOwner.enrol(phone)] }],
    ['an admin of another name did', { signed: admin.sign(approvalOf(call)), enrolments: [chained] }],
    [
      'a device that an admin enrolled did',
      { signed: phone.sign(approvalOf(call)), enrolments: [admin.enrol(phone), chained] },
    ],
    [
      'a rule covers it',
      {
        signed: phone.sign(ruleOf(phone, { matcher: { tools: ['terminal.run'], commandPrefixes: ['npm test'] } })),
        enrolments: [testOwner.enrol(phone)],
      },
    ],
  ];
  test.each(table)('N12: %s', (_, authority) => {
    expect(() => guardWith().allowTool(requestOf(call, { authority }))).not.toThrow();
  });
});

describe('N12: authorities that do not', () => {
  const call = run('npm test');
  const once = (facts: Parameters<typeof approvalOf>[1] = {}, about: Partial<BoundCall> = {}): CallAuthority => ({
    signed: testOwner.sign(approvalOf({ ...call, ...about }, facts)),
    enrolments: [],
  });
  const rule = (facts: Parameters<typeof ruleOf>[1]): CallAuthority => ({
    signed: testOwner.sign(ruleOf(testOwner, facts)),
    enrolments: [],
  });
  const signedBy = phone.sign(approvalOf(call));
  const table: [string, string, CallAuthority][] = [
    ['another call id: a replay', 'callId differs', once({}, { callId: newId('call') })],
    ['another session', 'sessionId differs', once({}, { sessionId: newId('session') })],
    ['another user', 'userId differs', once({}, { userId: 'u_x' })],
    ['another node', 'nodeId differs', once({}, { nodeId: 'main' })],
    ['another tool', 'tool differs', once({}, { tool: 'code_exec' })],
    ['another command', 'arguments differs', once({}, { arguments: { action: 'run', command: 'npm test ' } })],
    [
      'another directory',
      'arguments differs',
      once({}, { arguments: { action: 'run', command: 'npm test', working_dir: '/' } }),
    ],
    ['expired', 'expired', once({ expiresAt: '2020-01-01T00:00:00.000Z' })],
    ['signed in the future', 'future', once({ at: '2099-01-01T00:00:00.000Z' })],
    ['another hub', 'another hub', once({ hubId: 'x'.repeat(43) })],
    ['unmasked', 'another sandbox', once({ isUnmasked: true })],
    ['an altered text', 'signature', { signed: { ...once().signed, text: `${once().signed.text} ` }, enrolments: [] }],
    [
      'an altered signature',
      'signature',
      {
        signed: { ...once().signed, signature: once({ at: '2020-01-01T00:00:00.000Z' }).signed.signature },
        enrolments: [],
      },
    ],
    [
      "a stranger in the owner's name",
      'signature',
      { signed: { ...stranger.sign(approvalOf(call)), deviceId: testOwner.deviceId }, enrolments: [] },
    ],
    ['a device that nobody enrolled', 'nothing shows', { signed: signedBy, enrolments: [] }],
    [
      'a device that enrolled itself',
      'nothing shows',
      { signed: stranger.sign(approvalOf(call)), enrolments: [stranger.enrol(stranger, { scope: 'admin' })] },
    ],
    ['enrolled by a stranger', 'nothing shows', { signed: signedBy, enrolments: [stranger.enrol(phone)] }],
    [
      'enrolled by an operator',
      'may enrol nobody',
      { signed: signedBy, enrolments: [admin.enrol(phone), testOwner.enrol(admin)] },
    ],
    [
      'enrolled with another key',
      'signature',
      { signed: signedBy, enrolments: [testOwner.enrol(phone, { publicKey: stranger.publicKey })] },
    ],
    [
      'enrolled at another hub',
      'nothing shows',
      { signed: signedBy, enrolments: [testOwner.enrol(phone, { hubId: 'x' })] },
    ],
    [
      'enrolled in a ring',
      'too long',
      { signed: signedBy, enrolments: [admin.enrol(phone), phone.enrol(admin, { scope: 'admin' })] },
    ],
    ['a viewer', 'may only look', { signed: signedBy, enrolments: [testOwner.enrol(phone, { scope: 'viewer' })] }],
    [
      'an operator of another user',
      'another user',
      { signed: signedBy, enrolments: [testOwner.enrol(phone, { userId: 'u_x' })] },
    ],
    ['an enrolment', 'allows no call', { signed: testOwner.enrol(phone), enrolments: [] }],
    ['not a statement', 'not a statement', { signed: testOwner.sign({ x: 1 } as never), enrolments: [] }],
    ['a rule of another tool', 'does not cover', rule({ matcher: { tools: ['filesystem'] } })],
    [
      'a rule of another prefix',
      'does not cover',
      rule({ matcher: { tools: ['terminal'], commandPrefixes: ['npm run'] } }),
    ],
    ['a rule of another node', 'does not cover', rule({ nodes: ['main'] })],
    ['a rule of another session', 'does not cover', rule({ sessionId: newId('session') })],
    ['a rule of another user', 'does not cover', rule({ userId: 'u_x' })],
    ['a rule that expired', 'does not cover', rule({ expiresAt: '2020-01-01T00:00:00.000Z' })],
    [
      'a rule of another directory',
      'does not cover',
      rule({ matcher: { tools: ['terminal'], directories: ['/srv'] } }),
    ],
    ['a rule of less risk', 'does not cover', rule({ matcher: { tools: ['terminal'], maxRisk: 'reading' } })],
    ['a rule that denies', 'allows nothing', rule({ effect: 'deny' })],
    ["a rule in another device's name", 'another device', rule({ createdBy: phone.deviceId })],
  ];
  test.each(table)('N12: %s', (_, reason, authority) => {
    const request = requestOf(call, { authority });
    expect(() => guardWith().allowTool(request)).toThrow(expect.objectContaining({ code: 'POLICY_DENIED' }));
    expect(() => guardWith().allowTool(request)).toThrow(reason);
  });

  test('N12: a machine without an owner believes nobody', () => {
    const authority = testOwner.approve(call);
    expect(() => guardWith([], null).allowTool(requestOf(call, { authority }))).toThrow('knows no owner');
  });
});

describe('A1, A8: places as they really are', () => {
  beforeEach(() => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/id_rsa'), 'secret');
    writeFileSync(join(home, '.bashrc'), '');
    mkdirSync(join(home, 'app'));
    writeFileSync(join(home, 'app/server.key'), 'secret');
    symlinkSync(join(home, '.ssh'), join(home, 'app/keys'));
    symlinkSync(join(home, '.ssh/id_rsa'), join(home, 'app/notes.txt'));
    symlinkSync(join(home, '.bashrc'), join(home, 'app/rc'));
  });

  test.each([
    'cat app/keys/id_rsa',
    'cat app/notes.txt',
    'cat app/note?.txt',
    'head -n 1 app/*',
    'grep -r x app/keys',
    'cd app/keys',
    'cat < app/notes.txt',
  ])('A8: a secret behind a link or a wildcard is not read unasked: %s', (command) => {
    expect(() => guardWith().allowTool(requestOf(run(command)))).toThrow('Nothing shows that a person approved it');
  });

  test('A1: reading what really lies there passes', () => {
    expect(() => guardWith().allowTool(requestOf(run('ls app/keys && cat .ssh/known_hosts')))).not.toThrow();
  });

  test('A1: an approval of a harmless path is none of where a link leads', () => {
    const call = callOf({ action: 'write', path: '~/app/rc', content: 'x' }, 'filesystem');
    const request = requestOf(call, { authority: testOwner.approve(call) });
    expect(() => guardWith().allowTool(request)).toThrow('really leads to another place');
    const rule = { signed: testOwner.sign(ruleOf(testOwner)), enrolments: [] };
    expect(() => guardWith().allowTool(requestOf(call, { authority: rule }))).toThrow('does not cover');
    const plain = callOf({ action: 'write', path: '~/app/new/x', content: 'x' }, 'filesystem');
    expect(() => guardWith().allowTool(requestOf(plain, { authority: rule }))).not.toThrow();
  });

  test('A8: a file that the tool opens is judged by its real path', () => {
    const guard = guardWith();
    const request = requestOf(callOf({ action: 'grep', path: '~/app', pattern: 'x' }, 'filesystem'));
    guard.allowTool(request);
    expect(() => guard.allowPath(request, { realPath: join(home, 'app/a.ts'), access: 'read' })).not.toThrow();
    expect(() => guard.allowPath(request, { realPath: join(home, '.ssh/id_rsa'), access: 'read' })).toThrow(
      'really leads',
    );
    const free = requestOf(callOf({ action: 'read', path: '~/.ssh/id_rsa' }, 'filesystem'), { approvals: 'never' });
    guard.allowTool(free);
    expect(() => guard.allowPath(free, { realPath: join(home, '.ssh/id_rsa'), access: 'read' })).not.toThrow();
  });
});
