/** Behaviour of the connection state that people see. */
import { expect, test } from 'vitest';
import type { HubStatus } from '@navisai/protocol';
import { describeConnection, viewConnection } from './connection-view.ts';

const connected = { kind: 'connected', since: 0 } as const;
const reconnecting = { kind: 'reconnecting', since: 1000, attempt: 3, nextAttemptAt: 20_000 } as const;
const status = (state: HubStatus['status']): HubStatus => ({
  status: state,
  version: '0.1.0',
  protocol: 1,
  instanceId: 'main',
  hubId: 'x',
  generation: 'g_1234',
  pairing: 'PAIRED',
  startedAt: '2026-01-01T00:00:00.000Z',
  serverTime: '2026-01-01T00:00:00.000Z',
  problems: [],
});

test('I17: a hub that answers but is degraded is never called connected', () => {
  expect(viewConnection({ link: connected, isNetworkUp: true, status: status('ok') }).kind).toBe('connected');
  expect(viewConnection({ link: connected, isNetworkUp: true, status: status('degraded') }).kind).toBe('degraded');
  expect(viewConnection({ link: connected, isNetworkUp: true, status: status('stopping') }).kind).toBe('stopping');
});

test('I17: a degraded hub that lets nobody connect is told as degraded, not as unreachable', () => {
  const publicStatus = { ...status('degraded'), problems: [{ what: 'w', affects: 'a', remedy: 'r' }] };
  const view = viewConnection({ link: reconnecting, isNetworkUp: true, status: null, publicStatus });
  expect(view).toEqual({ kind: 'degraded', problems: publicStatus.problems });
  const healthy = viewConnection({ link: reconnecting, isNetworkUp: true, status: null, publicStatus: status('ok') });
  expect(healthy.kind).toBe('reconnecting');
});

test('a lost link says since when, and names the missing network when there is none', () => {
  const view = viewConnection({ link: reconnecting, isNetworkUp: true, status: null });
  expect(view).toMatchObject({ kind: 'reconnecting', since: 1000 });
  expect(describeConnection(view, 15_000).detail).toContain('(14 s)');
  expect(describeConnection(view, 15_000).detail).toContain('Next attempt in 5 s.');
  expect(viewConnection({ link: reconnecting, isNetworkUp: false, status: null }).kind).toBe('offline');
});

test('I14: a refused credential means revoked, every other refusal is told in its words', () => {
  const revoked = { kind: 'refused', code: 'UNAUTHORIZED', message: 'gone' } as const;
  const refused = { kind: 'refused', code: 'INVALID_REQUEST', message: 'too old' } as const;
  expect(viewConnection({ link: revoked, isNetworkUp: true, status: null })).toEqual({ kind: 'revoked' });
  expect(describeConnection({ kind: 'refused', message: refused.message }, 0).detail).toBe('too old');
});
