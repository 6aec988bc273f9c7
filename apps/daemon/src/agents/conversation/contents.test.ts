import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '@navisai/protocol';
import type { StoreKeeper } from '@navisai/store';
import { expect, onTestFinished, test } from 'vitest';
import { createContents, maxConversationBytes } from './contents.ts';

test('P5: a conversation holds so many bytes of files; one more is refused, and nothing of it is left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'navis-contents-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const known = [{ id: 'f_1', sizeBytes: maxConversationBytes - 10 }] as Content[];
  const contents = createContents({
    keeper: { store: { read: { conversations: { contents: async () => known } } } } as unknown as StoreKeeper,
    feed: undefined as never,
    folder,
    instanceId: 'i',
    now: Date.now,
  });
  const file = (size: number) => ({ sessionId: 's_1', name: 'a', mediaType: 'text/plain', bytes: Buffer.alloc(size) });
  await expect(contents.write(file(11))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  expect(readdirSync(folder)).toEqual([]);
  const { id } = await contents.write(file(10));
  expect(readdirSync(folder)).toEqual([id]);
  // The same again takes its own place.
  await expect(contents.write({ ...file(20), id: 'f_1' })).resolves.toMatchObject({ id: 'f_1' });
});
