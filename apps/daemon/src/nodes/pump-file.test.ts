/** Files between machines, piece by piece: whole, checked, bounded in memory, over links that break. */
import { createHash, randomBytes } from 'node:crypto';
import type { FileReadRequest, FileReadResult, FileWriteRequest } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { type PumpRequest, pumpFile } from './pump-file.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Both machines in memory; each ask may fail as a test says. */
const newMachines = (content: Buffer) => {
  const state = {
    content,
    version: 'v1',
    written: Buffer.alloc(0),
    placed: undefined as Buffer | undefined,
    mostAhead: 0,
    readTo: 0,
    beforeRead: (_request: FileReadRequest): void => undefined,
    beforeWrite: (_request: FileWriteRequest): void => undefined,
    afterWrite: (_request: FileWriteRequest): void => undefined,
  };
  const readFile = async (request: FileReadRequest): Promise<FileReadResult> => {
    await Promise.resolve();
    state.beforeRead(request);
    const bytes = state.content.subarray(request.from, request.from + request.maxBytes);
    state.readTo = Math.max(state.readTo, request.from + bytes.length);
    state.mostAhead = Math.max(state.mostAhead, state.readTo - state.written.length);
    return { bytes, sizeBytes: state.content.length, mode: 0o100640, version: state.version };
  };
  const writeFile = async (request: FileWriteRequest): Promise<{ nextOffset: number }> => {
    await Promise.resolve();
    state.beforeWrite(request);
    if (request.offset === state.written.length) state.written = Buffer.concat([state.written, request.bytes]);
    const { finish } = request;
    if (finish !== undefined) {
      const isWhole = finish.sizeBytes === state.written.length && finish.sha256 === sha256(state.written);
      if (!isWhole) throw new NavisError('FILE_CONFLICT', 'not what was promised');
      state.placed = state.written;
    }
    state.afterWrite(request);
    return { nextOffset: state.written.length };
  };
  const request: PumpRequest = {
    source: () => ({ readFile }),
    target: () => ({ writeFile }),
    caller: { sessionId: 's_aaaa', userId: 'u_owner', origin: 'person' },
    transferId: 'call-00000001',
    from: '/from',
    to: '/to',
    overwrite: false,
    signal: new AbortController().signal,
    patienceMs: 5000,
  };
  return { state, request };
};

test.each([0, 1, 512 * 1024, 512 * 1024 + 1, 5 * 1024 * 1024 + 333])(
  'a file of %i bytes arrives whole',
  async (size) => {
    const { state, request } = newMachines(randomBytes(size));
    expect(await pumpFile(request)).toEqual({ sizeBytes: size, sha256: sha256(state.content) });
    expect(state.placed?.equals(state.content)).toBe(true);
  },
);

test('only a few pieces are held at once, however slow the target is', async () => {
  const { state, request } = newMachines(randomBytes(8 * 1024 * 1024));
  await pumpFile(request);
  expect(state.mostAhead).toBeLessThanOrEqual(2 * 1024 * 1024);
});

test('a link that breaks before or after a piece leaves no gap and no double', async () => {
  const { state, request } = newMachines(randomBytes(3 * 1024 * 1024));
  let asks = 0;
  const sometimes = (): void => {
    asks += 1;
    if (asks % 4 === 0) throw new NavisError('LINK_DOWN');
  };
  Object.assign(state, { beforeRead: sometimes, beforeWrite: sometimes, afterWrite: sometimes });
  await pumpFile(request);
  expect(state.placed?.equals(state.content)).toBe(true);
});

test('a source that changes meanwhile is a conflict, and nothing is put in place', async () => {
  const { state, request } = newMachines(randomBytes(3 * 1024 * 1024));
  state.afterWrite = () => {
    state.version = 'v2';
  };
  await expect(pumpFile(request)).rejects.toMatchObject({ code: 'FILE_CONFLICT' });
  expect(state.placed).toBeUndefined();
});

test('a target that has lost its pieces gets them again, and one that has some already gets the rest', async () => {
  const { state, request } = newMachines(randomBytes(3 * 1024 * 1024));
  let isLost = false;
  state.beforeWrite = ({ offset }) => {
    if (isLost || offset < 1024 * 1024) return;
    isLost = true;
    state.written = Buffer.from(state.content.subarray(0, 100_000));
  };
  await pumpFile(request);
  expect(state.placed?.equals(state.content)).toBe(true);
  const second = newMachines(state.content);
  second.state.written = Buffer.from(state.content.subarray(0, 2 * 1024 * 1024 + 7));
  await pumpFile(second.request);
  expect(second.state.placed?.equals(state.content)).toBe(true);
});

test('a copy that is stopped ends at once, and a node that stays away ends it in time', async () => {
  const abort = new AbortController();
  const { state, request } = newMachines(randomBytes(3 * 1024 * 1024));
  state.afterWrite = () => abort.abort();
  await expect(pumpFile({ ...request, signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(state.placed).toBeUndefined();
  const away = newMachines(randomBytes(10));
  away.state.beforeRead = () => {
    throw new NavisError('NODE_OFFLINE');
  };
  await expect(pumpFile({ ...away.request, patienceMs: 50 })).rejects.toMatchObject({ code: 'NODE_OFFLINE' });
});
