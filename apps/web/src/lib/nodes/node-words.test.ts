/** Nodes in words: never better than they are. */
import type { NodeInfo } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeNode, labelChanges, labelsInWords, loadShares, parseLabels, searchNodes } from './node-words.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

const node = (change: Partial<NodeInfo> = {}): NodeInfo => ({
  id: 'n_0001',
  name: 'nas',
  labels: { role: 'storage' },
  state: 'online',
  draining: false,
  platform: { os: 'linux', arch: 'arm64', release: '6.1', hostname: 'diskstation', user: 'me', sandbox: 'none' },
  version: '0.1.0',
  epoch: 1,
  createdAt: ago(600),
  enrolledAt: ago(500),
  connectedAt: ago(120),
  lastSeenAt: ago(3),
  load: null,
  terminals: 0,
  restricted: false,
  keyExpiresAt: null,
  ...change,
});

test('N3: a node tells its state and since when', () => {
  expect(describeNode(node(), now)).toEqual({
    tone: 'good',
    label: 'Online',
    detail: 'connected 2 h 00 min ago',
  });
  expect(describeNode(node({ draining: true }), now)).toMatchObject({ tone: 'warn', label: 'Draining' });
  expect(describeNode(node({ state: 'offline' }), now)).toEqual({
    tone: 'bad',
    label: 'Offline',
    detail: 'last seen 3 min ago',
  });
  expect(describeNode(node({ state: 'invited', keyExpiresAt: ago(-60) }), now).label).toBe('Invited');
  expect(describeNode(node({ state: 'invited', keyExpiresAt: ago(1) }), now).label).toBe('Key expired');
});

test('load is a share of what the machine has, whatever it tells', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.nat(),
      fc.nat(),
      (load1, memoryBytes, freeMemoryBytes) => {
        const load = { at: ago(0), cpus: 4, load1, memoryBytes, freeMemoryBytes, uptime: 1 };
        for (const share of Object.values(loadShares(load))) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

test('labels are written as they are read, and a change removes what is gone', () => {
  expect(parseLabels('role=web, rack=3 spare')).toEqual({ role: 'web', rack: '3', spare: '' });
  expect(parseLabels('a=b=c')).toBeUndefined();
  expect(parseLabels('ä=1')).toBeUndefined();
  expect(parseLabels(labelsInWords({ role: 'web', spare: '' }).join(' '))).toEqual({ role: 'web', spare: '' });
  expect(labelChanges({ role: 'web', rack: '3' }, { role: 'db' })).toEqual({ rack: null, role: 'db' });
});

test('nodes are found by name, label, platform, host name and state', () => {
  const nodes = [node(), node({ id: 'n_0002', name: 'laptop', labels: {}, platform: null, state: 'offline' })];
  const find = (query: string): string[] => searchNodes(nodes, query, now).map(({ name }) => name);
  expect(find('')).toEqual(['nas', 'laptop']);
  expect(find('role=storage arm64')).toEqual(['nas']);
  expect(find('disk')).toEqual(['nas']);
  expect(find('OFFLINE')).toEqual(['laptop']);
  expect(find('nas offline')).toEqual([]);
});
