import { NavisError } from '@navisai/protocol';
import type { KeptMessage } from '@navisai/store';
import { expect, test } from 'vitest';
import { createAgentMessages, personBody } from './agent-messages.ts';
import type { Contents } from './contents.ts';

const messagesWhere = (read: Contents['read']) =>
  createAgentMessages({ read } as Partial<Contents> as Contents).read([
    { sessionId: 's_1', body: personBody('Look at it.', [{ id: 'f_1' }]) } as KeptMessage,
  ]);

test('P5: a file that is gone is told to the model; what cannot be read now is no such thing', async () => {
  const gone = messagesWhere(() => Promise.reject(new NavisError('NOT_FOUND')));
  expect(await gone).toEqual([
    {
      role: 'user',
      text: 'Look at it.\n\n[A file that was attached here is not there any more.]',
      attachments: [],
    },
  ]);
  await expect(messagesWhere(() => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
});
