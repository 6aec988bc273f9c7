/** What an agent says is read as fast as it is taken, and nothing of it is lost on the way (I19). */
import type { ViewerSink } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { openTerminalChannel, readyLine, type Room } from './terminal-channel.ts';

const line = (number: number): string => `${JSON.stringify({ number, filling: 'x'.repeat(1000) })}\n`;
const windowBytes = 1024 * 1024;

/** A machine that keeps what a program says, tells it within the window, and may close a slow viewer. */
class Bench {
  bytes = Buffer.alloc(0);
  attached: number[] = [];
  written = '';
  isThere = true;
  sent = 0;
  acknowledged = 0;
  room: Promise<void> | undefined;
  readonly heard: number[] = [];
  #sink: ViewerSink | undefined;
  readonly channel = openTerminalChannel(
    {
      attach: ({ from = 0 }, sink) => {
        if (!this.isThere) throw new NavisError('TERMINAL_NOT_FOUND');
        this.attached.push(from);
        this.#sink = sink;
        this.sent = from;
        this.acknowledged = from;
        setImmediate(() => this.#pump());
        return {
          acknowledge: (offset) => {
            this.acknowledged = offset;
            this.#pump();
          },
          close: () => (this.#sink = undefined),
        };
      },
      input: (_id, bytes) => {
        this.written += Buffer.from(bytes).toString();
        return Promise.resolve({ acceptedBytes: bytes.length });
      },
    },
    'w_1111',
    (() => this.room) as Room,
  );
  readonly ended = this.#listen();

  say(text: string): void {
    this.bytes = Buffer.concat([this.bytes, Buffer.from(text)]);
    this.#pump();
  }

  tell(how: (sink: ViewerSink) => void): void {
    const sink = this.#sink;
    if (sink !== undefined) how(sink);
  }

  #pump(): void {
    const limit = Math.min(this.bytes.length, this.acknowledged + windowBytes);
    while (this.#sink !== undefined && this.sent < limit) {
      const offset = this.sent;
      this.sent = Math.min(limit, offset + 64 * 1024);
      this.#sink.onOutput({ offset, bytes: this.bytes.subarray(offset, this.sent) });
    }
  }

  async #listen(): Promise<void> {
    for await (const bytes of this.channel.readable)
      this.heard.push((JSON.parse(Buffer.from(bytes).toString()) as { number: number }).number);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const exit = { exitCode: 0, signal: null, at: '2026-01-01T00:00:00.000Z', kind: 'exited' } as const;

test('I19: while there is no room nothing more than a window is read, and then everything comes', async () => {
  const bench = new Bench();
  const room = Promise.withResolvers<void>();
  bench.room = room.promise;
  const count = 4000;
  bench.say(numbers(count).map(line).join(''));
  await until('it is read', () => bench.sent === windowBytes);
  expect({ acknowledged: bench.acknowledged, heard: bench.heard }).toEqual({ acknowledged: 0, heard: [] });
  bench.room = undefined;
  room.resolve();
  await until('everything was heard', () => bench.heard.length === count);
  bench.tell((sink) => sink.onExit(exit));
  await bench.ended;
  expect(bench.heard).toEqual(numbers(count));
  expect(bench.channel.problem).toBeUndefined();
});

test('I19: closed for being slow, it goes on where it was when there is room; nothing is lost or doubled', async () => {
  const bench = new Bench();
  const room = Promise.withResolvers<void>();
  const count = 3000;
  bench.say(numbers(10).map(line).join(''));
  await until('the first were heard', () => bench.heard.length === 10);
  bench.room = room.promise;
  bench.say(numbers(count).slice(10).map(line).join(''));
  bench.tell((sink) => sink.onOverflow());
  bench.room = undefined;
  room.resolve();
  await until('everything was heard', () => bench.heard.length === count);
  await until('it is read again', () => bench.attached.length === 2);
  expect(bench.heard).toEqual(numbers(count));
  bench.isThere = false;
  bench.say(line(count));
  await until('the last was heard', () => bench.heard.length === count + 1);
  bench.tell((sink) => sink.onOverflow());
  await bench.ended;
});

test('I19: more than the machine keeps ends it by name, after what came before', async () => {
  const bench = new Bench();
  bench.say(line(0));
  await until('it was heard', () => bench.heard.length === 1);
  bench.tell((sink) => sink.onSkipped({ from: 5, to: 5_000_000 }));
  await bench.ended;
  expect(bench.heard).toEqual([0]);
  expect(bench.channel.problem).toMatchObject({ code: 'VIEWER_OVERFLOW' });
});

test('I19: a channel that is closed while it waits for room ends', async () => {
  const bench = new Bench();
  bench.room = new Promise(() => undefined);
  bench.say(line(0));
  await until('it is read', () => bench.sent > 0);
  await bench.channel.readable.cancel().catch(() => undefined);
  bench.channel[Symbol.dispose]();
  expect(bench.heard).toEqual([]);
});

test('I19: nothing is written before the terminal echoes nothing', async () => {
  const bench = new Bench();
  const writer = bench.channel.writable.getWriter();
  const written = writer.write(Buffer.from('hello'));
  bench.say('a shell says something\n');
  bench.say(line(0));
  await until('it was heard', () => bench.heard.length === 1);
  expect(bench.written).toBe('');
  bench.say(`${readyLine}\n`);
  await written;
  expect(bench.written).toBe('hello');
});
