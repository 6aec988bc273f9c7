/** What notifications show, and when their buttons decide at once. */
import type { PushMessage } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { mayApproveHere, parsePush, pathOf, viewNotification } from './notification-view.ts';

const question: Extract<PushMessage, { kind: 'approval' }> = {
  kind: 'approval',
  approvalId: 'a_1111',
  approvalKind: 'call',
  title: 'Developer on nas',
  summary: 'git push',
  risk: 'network',
  isWhole: true,
};

test('A2: a question shows its whole text and risk, stays until it is answered, and has two buttons', () => {
  const { title, options } = viewNotification(question);
  expect(title).toBe('Developer on nas');
  expect(options).toMatchObject({
    body: 'git push\nnetwork',
    tag: 'a_1111',
    requireInteraction: true,
    actions: [
      { action: 'approve', title: 'Approve' },
      { action: 'reject', title: 'Deny' },
    ],
  });
});

test.each([
  [{ isWhole: false }],
  [{ risk: 'destruction' as const }],
  [{ risk: 'privilege' as const }],
  [{ risk: 'unknown' as const }],
  [{ approvalKind: 'pairing' as const }],
])('A2: %j is read on its page before it is approved', (facts) => {
  const message = { ...question, ...facts };
  expect(mayApproveHere(message)).toBe(false);
  expect(viewNotification(message).options.actions[0]?.title).toBe('Review');
  expect(pathOf(message, 'approve')).toBe('/approvals/a_1111?decide=approve');
});

test('A2: what was decided takes the place of the question, silently and without buttons', () => {
  const settled = { kind: 'settled' as const, approvalId: 'a_1111', title: 'x', summary: 'Approved' };
  expect(viewNotification(settled).options).toMatchObject({ tag: 'a_1111', silent: true, actions: [] });
  expect(pathOf(settled, 'approve')).toBe('/approvals/a_1111');
});

test('A5: a recall leads to the recalls', () => {
  expect(pathOf({ kind: 'recall', recallId: 'w_1111', title: 'x', summary: 'failed' })).toBe('/r');
});

test('A2: what is no message of this version is not shown', () => {
  expect(parsePush(JSON.stringify(question))).toEqual(question);
  expect(parsePush('{"kind":"other"}')).toBeUndefined();
  expect(parsePush('no json')).toBeUndefined();
});
