/** Behaviour of pairing in the browser, with a scripted hub. */
import { NavisError, pairingShortCode } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { PendingPairing } from '../device/device-storage.ts';
import { Pairing } from './pairing.ts';
import type { PairingOptions } from './pairing.ts';
import type { PairingState } from './pairing.types.ts';

const token = 'AAAAAAAAAAAAAAAAAAAAAA';
const hubId = 'hub';
const now = Date.parse('2026-01-01T00:00:00.000Z');
const expiresAt = '2026-01-01T00:10:00.000Z';
type StatusAnswer = Awaited<ReturnType<PairingOptions['api']['pairingStatus']>>;

const device = {
  id: 'd_1234',
  name: 'Phone',
  kind: 'browser',
  userId: 'u',
  scope: 'operator',
  createdAt: expiresAt,
  lastSeenAt: null,
  revokedAt: null,
} as const;

const setUp = (hub: { request?: () => Promise<string | undefined>; polls?: (StatusAnswer | NavisError)[] }) => {
  const states: PairingState[] = [];
  let pending: PendingPairing | undefined;
  const polls = [...(hub.polls ?? [])];
  const api = {
    status: async () => ({ hubId }),
    pairingRequest: async ({ body }: { body: { publicKey: string; token: string } }) => {
      const forged = await hub.request?.();
      const shortCode = forged ?? (await pairingShortCode({ hubId, token: body.token, publicKey: body.publicKey }));
      return { pairingId: 'p_1234', shortCode, expiresAt };
    },
    pairingStatus: async () => {
      const next = polls.shift();
      if (next === undefined || next instanceof NavisError) throw next ?? new NavisError('INTERNAL');
      return next;
    },
  } as unknown as PairingOptions['api'];
  const storage: PairingOptions['storage'] = {
    readPending: async () => pending,
    writePending: async (value) => void (pending = value),
    forgetPending: async () => void (pending = undefined),
  };
  const make = (given: string | undefined, wait: () => Promise<void> = async () => {}) =>
    new Pairing({ api, storage, token: given, onState: (state) => states.push(state), wait, now: () => now });
  return { states, make, pending: () => pending };
};

test('I14: an approved request becomes a device that keeps its unextractable key', async () => {
  const { states, make } = setUp({ polls: [{ state: 'pending' }, { state: 'approved', device }] });
  const pairing = make(token);
  await pairing.start();
  await pairing.request('Phone');
  expect(states.map(({ kind }) => kind)).toEqual(['naming', 'requesting', 'waiting', 'waiting', 'paired']);
  const last = states.at(-1);
  if (last?.kind !== 'paired') throw new Error('not paired');
  expect(last.device).toMatchObject({ deviceId: 'd_1234', hubId, scope: 'operator' });
  expect(last.device.keyPair.privateKey.extractable).toBe(false);
});

test('I14: the code that waits is the one that this browser computed; another one stops everything', async () => {
  const { states, make, pending } = setUp({ request: async () => '000 000x' });
  await make(token).request('Phone');
  expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'foreignCode' });
  expect(pending()).toBeUndefined();
});

test('I14: a reload continues to wait for the same request', async () => {
  const { states, make, pending } = setUp({ polls: [{ state: 'pending' }, { state: 'rejected' }] });
  const leavePage = () => Promise.reject(new Error('left'));
  await make(token, leavePage).request('Phone');
  expect(pending()).toBeDefined();
  states.length = 0;
  await make(undefined).start();
  expect(states.map(({ kind }) => kind)).toEqual(['waiting', 'ended']);
  expect(pending()).toBeUndefined();
});

test.each([
  ['UNAUTHORIZED', { kind: 'ended', reason: 'linkVoid' }],
  ['FORBIDDEN', { kind: 'ended', reason: 'linkVoid' }],
  ['CONFLICT', { kind: 'naming', problem: expect.stringContaining('Another device') }],
  ['RATE_LIMITED', { kind: 'naming', problem: expect.stringContaining('Wait a minute') }],
  ['HUB_UNREACHABLE', { kind: 'naming', problem: expect.stringContaining('does not answer') }],
] as const)('I14: %s is told in plain words', async (code, state) => {
  const { states, make } = setUp({ request: () => Promise.reject(new NavisError(code)) });
  await make(token).request('Phone');
  expect(states.at(-1)).toEqual(state);
});

test('I14: a silent hub does not end the waiting, an expired request does', async () => {
  const silent = new NavisError('HUB_UNREACHABLE');
  const { states, make } = setUp({ polls: [silent, silent, silent, { state: 'pending' }, { state: 'expired' }] });
  await make(token).request('Phone');
  const waiting = states.filter((state) => state.kind === 'waiting').map(({ isHubSilent }) => isHubSilent);
  expect(waiting).toEqual([false, false, false, true, false]);
  expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'expired' });
});

test('I14: without a link and without a request the page only explains', async () => {
  const { states, make } = setUp({});
  await make(undefined).start();
  expect(states).toEqual([{ kind: 'noToken' }]);
});
