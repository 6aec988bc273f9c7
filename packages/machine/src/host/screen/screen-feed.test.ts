import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ByteLog } from '../byte-log.ts';
import { openStoredLog } from '../stored-log.ts';
import { ScreenFeed } from './screen-feed.ts';
import { createScreenWorker, ScreenThread } from './screen-thread.ts';

let directory = '';
let thread: ScreenThread;
let log: ByteLog;
const workers: Worker[] = [];
const faults: string[] = [];
const replies: string[] = [];

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'navis-feed-')), 'terminal');
  log = new ByteLog({ directory, retainBytes: 1 << 26 });
  replies.splice(0);
  workers.splice(0);
  thread = new ScreenThread(
    (reason) => void faults.push(reason),
    () => {
      const worker = createScreenWorker();
      workers.push(worker);
      return worker;
    },
  );
});

afterEach(async () => {
  await thread.stop();
  await log.close();
  rmSync(join(directory, '..'), { recursive: true });
});

const createFeed = (source: Pick<ByteLog, 'endOffset' | 'readMemory' | 'read'> = log): ScreenFeed => {
  const listeners = {
    onReply: (text: string) => void replies.push(text),
    onTitle: () => undefined,
    onProgress: () => undefined,
  };
  return new ScreenFeed({ id: 'one', directory, source, size: { columns: 40, rows: 10 }, thread, ...listeners });
};

const say = (feed: ScreenFeed, text: string): void => {
  log.append(Buffer.from(text));
  feed.advance(text.includes('\x1b'));
};

const eventually = <Value>(look: () => Value) => expect.poll(look, { timeout: 20_000 });

test('output reaches the screen by itself, soon when it may hold a query', async () => {
  const feed = createFeed();
  say(feed, 'hello\x1b[6n');
  await eventually(() => replies).toEqual(['\x1b[1;6R']);
  say(feed, ' world');
  expect(feed.lagBytes).toBe(6);
  await eventually(() => feed.lagBytes).toBe(0);
  expect(await feed.lines(5, 1000)).toEqual(['hello world']);
});

test('a query is answered once, also when its bytes are parsed again after the screen was lost', async () => {
  const feed = createFeed();
  say(feed, 'ask\x1b[6n');
  await eventually(() => replies).toHaveLength(1);
  await workers[0]?.terminate();
  await eventually(() => workers).toHaveLength(2);
  say(feed, '\x1b[6n');
  await eventually(() => replies).toEqual(['\x1b[1;4R', '\x1b[1;4R']);
  expect(await feed.lines(5, 1000)).toEqual(['ask']);
});

test('A8: a query that a viewer answers is not answered here, and the next one is', async () => {
  const feed = createFeed();
  feed.setAnswers(false);
  say(feed, 'a\x1b[6n');
  feed.setAnswers(true);
  say(feed, 'b\x1b[6n');
  await eventually(() => replies).toEqual(['\x1b[1;3R']);
});

test('a screen at rest is on disk and comes back with what followed', async () => {
  const feed = createFeed();
  say(feed, 'first\r\n\x1b[?2004h\x1b]2;a title\x07unfinished \x1b[3');
  feed.end();
  await eventually(() => existsSync(join(directory, 'screen.json')) && feed.isResting).toBe(true);
  say(feed, '1mred');
  const state = await feed.state(10, 1000);
  expect(state).toMatchObject({ offset: log.endOffset, isBehind: false, title: 'a title' });
  expect(state.data).toContain('\x1b[?2004h');
  expect(await feed.lines(5, 1000)).toEqual(['first', 'unfinished red']);
  expect(state.data).toMatch(/\x1b\[0;31mred/);
});

test('a damaged checkpoint costs only time: the log is parsed from its beginning', async () => {
  const feed = createFeed();
  say(feed, 'all of it\r\n');
  feed.end();
  await eventually(() => feed.isResting).toBe(true);
  writeFileSync(join(directory, 'screen.json'), readFileSync(join(directory, 'screen.json'), 'utf8').slice(0, 20));
  say(feed, 'and more');
  expect(await feed.lines(5, 1000)).toEqual(['all of it', 'and more']);
});

test('a resize counts from its place in the output on', async () => {
  const feed = createFeed();
  say(feed, `${'x'.repeat(50)}\r\n`);
  feed.resize({ columns: 60, rows: 12 });
  say(feed, 'y'.repeat(50));
  const state = await feed.state(10, 1000);
  expect(state).toMatchObject({ columns: 60, rows: 12 });
  expect(await feed.lines(5, 1000)).toEqual(['x'.repeat(50), 'y'.repeat(50)]);
});

test('in a flood that must be parsed the answer comes in time, behind and honest about it', { retry: 2 }, async () => {
  const feed = createFeed();
  const piece = '\x1b[3;4Hsome text\x1b[K\x1b[5;10H\x1b[7mmore\x1b[m'.repeat(20_000);
  for (let count = 0; count < 20; count += 1) say(feed, piece);
  const startedAt = performance.now();
  const state = await feed.state(0, 50);
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(state.isBehind).toBe(true);
  expect(state.offset).toBeLessThan(log.endOffset);
});

test('a stored log is shown without its host', async () => {
  log.append(Buffer.from('left behind'));
  await log.flush();
  const feed = createFeed(openStoredLog(directory));
  expect(await feed.lines(5, 1000)).toEqual(['left behind']);
});
