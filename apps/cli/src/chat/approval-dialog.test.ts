/** Behaviour of questions that are answered elsewhere, or by nobody. */
import type { HubConnection } from '@navisai/client';
import type { ApprovalOf } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { ApprovalDialog } from './approval-dialog.ts';
import type { ChatScreen } from './chat-screen.ts';

const asked = {
  id: 'a_1',
  kind: 'call',
  state: 'pending',
  title: 'npm test',
  comment: null,
  detail: {
    text: 'npm test',
    summary: 'npm test',
    nodeName: 'main',
    workingDirectory: null,
    requester: { kind: 'agent', name: '' },
    reasons: [],
  },
} as unknown as ApprovalOf<'call'>;

/** What stands on the screen last, when a question ends so. */
const remarkOf = async (end: Partial<ApprovalOf<'call'>>): Promise<string | undefined> => {
  const remarks: string[] = [];
  const screen = {
    remark: (text: string) => void remarks.push(text),
    ask: (_question: string, signal: AbortSignal) =>
      new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined))),
  };
  const dialog = new ApprovalDialog({ hub: {} as HubConnection, screen: screen as unknown as ChatScreen });
  const answered = dialog.ask(asked);
  await expect.poll(() => dialog.isAsking).toBe(true);
  dialog.forget({ ...asked, ...end });
  await answered;
  return remarks.at(-1);
};

test('A2: a chat says where a question was decided, and of one that nobody decided why it is over', async () => {
  expect(await remarkOf({ state: 'approved' })).toBe('(approved on another device)');
  expect(await remarkOf({ state: 'expired', comment: 'The call was stopped.' })).toBe('(The call was stopped.)');
  expect(await remarkOf({ state: 'expired', comment: null })).toBe('(Nobody answered in time.)');
});
