/** Behaviour of a conversation whose first message could not be sent. */
import type { Api } from '@navisai/client';
import { expect, test } from 'vitest';
import { BegunConversation } from './begun-conversation.ts';

const setUp = () => {
  const asked: unknown[] = [];
  const api = {
    createSession: ({ body }: { body: unknown }) => {
      asked.push(body);
      return Promise.resolve({ id: `s_${asked.length}` });
    },
    changeSession: (request: unknown) => Promise.resolve(void asked.push(request)),
  };
  return { asked, begun: new BegunConversation(api as unknown as Api) };
};
const settings = { nodeId: null, acpAgent: null };

test('A3: it is made once, and told what was chosen since', async () => {
  const { asked, begun } = setUp();
  expect(await begun.begin('sheep', settings)).toBe('s_1');
  expect(await begun.begin('sheep', settings)).toBe('s_1');
  const other = { ...settings, nodeId: 'n_nas' };
  expect(await begun.begin('sheep', other)).toBe('s_1');
  expect(asked).toEqual([
    { kind: 'agent', title: 'sheep', agent: settings },
    { params: { id: 's_1' }, body: { agent: other } },
  ]);
});

test('I19: another kind of agent begins another conversation', async () => {
  const { asked, begun } = setUp();
  await begun.begin('sheep', settings);
  const claude = { ...settings, acpAgent: 'claude' };
  expect(await begun.begin('sheep', claude)).toBe('s_2');
  expect(asked.at(-1)).toEqual({ kind: 'acp', title: 'sheep', agent: claude });
});
