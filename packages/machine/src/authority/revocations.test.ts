/** What a revoked device signed counts no longer on a machine, whatever a hub says later (N12). */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newId, type BoundCall, type CallAuthority, type SignedText } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentGuard } from './agent-guard.ts';
import { Revocations } from './revocations.ts';
import { approvalOf, newTestDevice, revocationsOf, ruleOf, testOwner } from './test-owner.fixture.ts';

let home = '';
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'navis-revocations-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const phone = newTestDevice();
const admin = newTestDevice();
const tablet = newTestDevice();

const open = (problems: unknown[] = []) => {
  const owner = () => testOwner.owner;
  const path = join(home, 'state', 'revocations.json');
  const revocations = new Revocations({ path, owner, onUnexpected: (error) => problems.push(error) });
  const isRevoked = (id: string): boolean => revocations.isRevoked(id);
  const guard = new AgentGuard({ nodeId: 'nas', home, owner, isRevoked, modes: () => [], now: () => new Date() });
  const isAllowed = (given: (call: BoundCall) => CallAuthority): boolean => {
    const call: BoundCall = {
      callId: newId('call'),
      sessionId: newId('session'),
      userId: 'u_test0',
      nodeId: 'nas',
      tool: 'terminal',
      arguments: { action: 'run', command: 'npm test' },
    };
    try {
      guard.allowTool({ ...call, origin: 'agent', authority: given(call) });
      return true;
    } catch {
      return false;
    }
  };
  return { revocations, isAllowed, path };
};

const once = (call: BoundCall): CallAuthority => ({
  signed: phone.sign(approvalOf(call)),
  enrolments: [testOwner.enrol(phone)],
});
const byRule = (): CallAuthority => ({
  signed: phone.sign(ruleOf(phone, { matcher: { tools: ['terminal.run'], commandPrefixes: ['npm test'] } })),
  enrolments: [testOwner.enrol(phone)],
});
/** By a device that the admin device enrolled. */
const byTablet = (call: BoundCall): CallAuthority => ({
  signed: tablet.sign(approvalOf(call)),
  enrolments: [admin.enrol(tablet), testOwner.enrol(admin, { scope: 'admin' })],
});
const listOf = (...devices: Parameters<typeof revocationsOf>[0]): SignedText => testOwner.sign(revocationsOf(devices));

test('N12: approvals and rules that a device signed before it was revoked count no longer, at once', () => {
  const { revocations, isAllowed } = open();
  expect([isAllowed(once), isAllowed(byRule), isAllowed(byTablet)]).toEqual([true, true, true]);
  revocations.learn(listOf(phone));
  expect([isAllowed(once), isAllowed(byRule), isAllowed(byTablet)]).toEqual([false, false, true]);
  revocations.learn(listOf(phone, admin));
  expect(isAllowed(byTablet)).toBe(false);
  expect(isAllowed((call) => ({ signed: tablet.sign(approvalOf(call)), enrolments: [testOwner.enrol(tablet)] }))).toBe(
    true,
  );
});

test('N12: an older, a shorter and an empty list bring no device back, also after a restart', () => {
  const first = open();
  const older = listOf(admin);
  first.revocations.learn(listOf(admin, phone));
  for (const list of [older, listOf(), listOf(admin)]) first.revocations.learn(list);
  expect(first.isAllowed(once)).toBe(false);
  const again = open();
  again.revocations.learn(older);
  expect([again.isAllowed(once), again.isAllowed(byTablet)]).toEqual([false, false]);
});

test('N12: only the owner revokes: a list that is forged, altered or of another hub changes nothing', () => {
  const { revocations, isAllowed } = open();
  const genuine = listOf(admin);
  const forged: SignedText[] = [
    phone.sign(revocationsOf([admin])),
    { ...phone.sign(revocationsOf([admin])), deviceId: testOwner.deviceId },
    { ...genuine, text: genuine.text.replace(admin.deviceId, phone.deviceId) },
    testOwner.sign(revocationsOf([phone], { hubId: 'x'.repeat(43) })),
    testOwner.enrol(phone),
    { ...genuine, text: 'nothing' },
  ];
  for (const list of forged) expect(() => revocations.learn(list)).toThrow('does not count');
  expect([isAllowed(once), isAllowed(byTablet)]).toEqual([true, true]);
});

test('N12: the owner itself cannot be revoked, and a damaged file is told and learned anew', () => {
  const { revocations, isAllowed, path } = open();
  revocations.learn(listOf(testOwner, phone));
  expect(isAllowed((call) => testOwner.approve(call))).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(phone.deviceId);
  writeFileSync(path, '{"hub');
  const problems: unknown[] = [];
  const again = open(problems);
  expect(again.isAllowed(once)).toBe(true);
  expect(problems).toHaveLength(1);
  again.revocations.learn(listOf(phone));
  expect(open().isAllowed(once)).toBe(false);
});

test('N12: a list that the disk does not take is in force, is told of once, and is written when the disk takes it', async () => {
  const problems: unknown[] = [];
  const { revocations, isAllowed, path } = open(problems);
  expect(isAllowed(once)).toBe(true);
  // Nothing can be written below a file.
  writeFileSync(dirname(path), '');
  revocations.learn(listOf(phone));
  expect(isAllowed(once)).toBe(false);
  revocations.learn(listOf(phone));
  revocations.learn(listOf(phone, admin));
  expect(problems.map(String)).toEqual([expect.stringContaining('is in force, but could not be kept')]);
  rmSync(dirname(path));
  await expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true);
  expect(problems).toHaveLength(1);
  const again = open();
  expect([again.isAllowed(once), again.isAllowed(byTablet)]).toEqual([false, false]);
});
