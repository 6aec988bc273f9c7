/** The embedded adapter passes the suite, survives kills, and says what is wrong with its file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createEventFeed } from '../event-feed.ts';
import type { NewEvent } from '../events.types.ts';
import { createMemoryBus } from '../memory-bus.ts';
import { StoreKeeper } from '../store-keeper.ts';
import { type StorePlace, testStore } from '../store.suite.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

const newFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'navis-store-'));
  return {
    path,
    file: join(path, 'store', 'navis.db'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
};

const newPlace = async (): Promise<StorePlace> => {
  const folder = newFolder();
  return {
    open: () => openSqliteStore({ file: folder.file }),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  };
};

testStore('SQLite', newPlace);

const renamed = (reason: string): NewEvent => ({
  stream: 's_1111',
  sessionId: 's_1111',
  type: 'session.update',
  data: { change: 'renamed', reason },
});

test('SQLite: folder and files are private (I17)', async () => {
  using folder = newFolder();
  await using store = await openSqliteStore({ file: folder.file });
  await store.appendEvents([renamed('x')]);
  const modes = readdirSync(join(folder.path, 'store')).map(
    (name) => statSync(join(folder.path, 'store', name)).mode & 0o777,
  );
  expect(modes.length).toBeGreaterThan(1);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  expect(statSync(join(folder.path, 'store')).mode & 0o777).toBe(0o700);
});

const startAppender = (file: string): { child: ChildProcess; acknowledged: number[] } => {
  const program = fileURLToPath(new URL('./appender.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: number[] = [];
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => acknowledged.push(Number(line)));
  return { child, acknowledged };
};

test('SQLite: 20 × SIGKILL loses no acknowledged row (D1)', { timeout: 180_000 }, async () => {
  using folder = newFolder();
  for (let round = 1; round <= 20; round += 1) {
    const { child, acknowledged } = startAppender(folder.file);
    while (acknowledged.length < 20 * (1 + (round % 5))) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    await once(child, 'close');
    await using store = await openSqliteStore({ file: folder.file });
    const { events, seq } = await store.read.readEvents({ stream: 's_1111', after: 0, limit: 1_000_000 });
    expect(acknowledged.at(-1)).toBeLessThanOrEqual(seq);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  }
});

test('SQLite: a file that is no database is told as damage, with a remedy and no path (I17)', async () => {
  using folder = newFolder();
  await (await openSqliteStore({ file: folder.file }))[Symbol.asyncDispose]();
  writeFileSync(folder.file, 'this is no database, but long enough to look at');
  const failure = await openSqliteStore({ file: folder.file }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'DEGRADED', problem: { kind: 'unreadable', what: 'The store is damaged.' } });
  expect(String(failure)).not.toContain(folder.path);
});

test('SQLite: a damaged page is found when the store is opened (I17)', async () => {
  using folder = newFolder();
  const store = await openSqliteStore({ file: folder.file });
  await store.appendEvents(Array.from({ length: 5000 }, (_, index) => renamed(`a title ${index}`)));
  await store[Symbol.asyncDispose]();
  const { size } = statSync(folder.file);
  const bytes = Buffer.alloc(8192, 0xa5);
  const file = openSync(folder.file, 'r+');
  writeSync(file, bytes, 0, bytes.length, Math.floor(size / 2 / 4096) * 4096);
  closeSync(file);
  await expect(openSqliteStore({ file: folder.file })).rejects.toMatchObject({ problem: { kind: 'unreadable' } });
});

test('SQLite: a store of a newer version is left alone (I17)', async () => {
  using folder = newFolder();
  await (await openSqliteStore({ file: folder.file }))[Symbol.asyncDispose]();
  const database = new DatabaseSync(folder.file);
  database.exec("update meta set value = '999' where key = 'schema_version'");
  database.close();
  await expect(openSqliteStore({ file: folder.file })).rejects.toThrow(/newer version/);
});

test('SQLite: when it is full, writes are refused with the reason, reads go on, and it goes on when there is room (I17)', async () => {
  using folder = newFolder();
  const connections: DatabaseSync[] = [];
  await using store = await openSqliteStore({
    file: folder.file,
    configure(connection) {
      connection.exec('pragma max_page_count = 200');
      connections.push(connection);
    },
  });
  const fill = async (): Promise<never> => {
    for (;;) await store.appendEvents([renamed('x'.repeat(5000))]);
  };
  await expect(fill()).rejects.toMatchObject({ code: 'DEGRADED', message: expect.stringContaining('full') });
  expect(store.problem()).toMatchObject({ kind: 'unwritable' });
  const { seq } = await store.read.readEvents({ stream: 's_1111', after: 0, limit: 1 });
  expect(seq).toBeGreaterThan(0);
  connections[0]?.exec('pragma max_page_count = 100000');
  expect(await store.check()).toBeUndefined();
  const [event] = await store.appendEvents([renamed('room again')]);
  expect(event?.seq).toBe(seq + 1);
});

test('SQLite: a file that is replaced under a running hub is noticed, and what is there now is opened (I17, I8)', async () => {
  using folder = newFolder();
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: folder.file }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  const { generation } = feed;
  const following = feed.follow({ stream: 's_1111', after: 0, signal: new AbortController().signal });
  expect((await following.next()).value).toEqual({ kind: 'live', seq: 0 });
  const next = following.next();
  renameSync(join(folder.path, 'store'), join(folder.path, 'moved away'));
  expect(await keeper.check()).toBeUndefined();
  expect(feed.generation).not.toBe(generation);
  await expect(next).rejects.toMatchObject({ code: 'DEGRADED' });
  await feed.append([renamed('in the new one')]);
});

test('SQLite: a store that could not be opened is opened when that is possible (I17)', async () => {
  using folder = newFolder();
  writeFileSync(join(folder.path, 'store'), 'a file where the folder should be');
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: folder.file }));
  expect(await keeper.start()).toMatchObject({ kind: 'unreadable' });
  expect(() => keeper.store).toThrow(expect.objectContaining({ code: 'DEGRADED' }));
  rmSync(join(folder.path, 'store'));
  expect(await keeper.check()).toBeUndefined();
  expect(keeper.store.generation).toMatch(/^g_/);
});

test('SQLite: nothing is acknowledged, told or read before it is on disk; what is changed next is seen at once (D1, I17)', async () => {
  using folder = newFolder();
  const disk = { waits: [] as (() => void)[] };
  const flush = (): Promise<void> => new Promise((resolve) => disk.waits.push(resolve));
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: folder.file, flush }));
  await keeper.start();
  const bus = createMemoryBus();
  const feed = createEventFeed(keeper, bus);
  const done: string[] = [];
  bus.subscribe('s_1111', () => done.push('told'));
  const { result, durable } = await feed.apply((writer) => writer.appendEvents([renamed('x')]));
  void durable.then(() => done.push('durable'));
  void keeper.store.read.readEvents({ stream: 's_1111', after: 0, limit: 9 }).then(() => done.push('read'));
  const seen = await feed.apply((writer) => writer.readEvents({ stream: 's_1111', after: 0, limit: 9 }));
  expect([result.length, seen.result.seq, done]).toEqual([1, 1, []]);
  while (disk.waits.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  for (let turn = 0; turn < 5; turn += 1) {
    for (const confirm of disk.waits.splice(0)) confirm();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(done.toSorted()).toEqual(['durable', 'read', 'told']);
  expect(done.indexOf('told')).toBeLessThan(done.indexOf('durable'));
});

test('SQLite: a disk that confirms nothing is told as such, and the store is opened anew (I17)', async () => {
  using folder = newFolder();
  let isBroken = false;
  const flush = (file: number): Promise<void> => {
    if (isBroken) return Promise.reject(new Error('EIO'));
    fsyncSync(file);
    return Promise.resolve();
  };
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: folder.file, flush }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  await feed.append([renamed('before')]);
  isBroken = true;
  await expect(feed.append([renamed('lost?')])).rejects.toMatchObject({ code: 'DEGRADED' });
  expect(keeper.problem()).toMatchObject({ kind: 'unreadable', what: expect.stringContaining('does not confirm') });
  isBroken = false;
  expect(await keeper.check()).toBeUndefined();
  const [event] = await feed.append([renamed('after')]);
  expect((await feed.read({ stream: 's_1111', after: 0, limit: 9 })).seq).toBe(event?.seq);
});
