/** Both ends over a network that cuts, stalls, delays, doubles and loses, with a real machine: nothing lost, nothing twice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ExitState, OutputChunk, ScreenSnapshot, ViewerSink } from '@navisai/machine';
import { makeLocalTarget, sessionOf } from '@navisai/machine/suites';
import { newId } from '@navisai/protocol';
import type { FrameFate } from '@navisai/link';
import { nodeId, RemotePair } from './remote-pair.fixture.ts';

/** Repeatable: the same seed, the same faults by number of frame. */
const randomOf = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

const fateOf = (random: () => number): FrameFate => {
  const dice = random();
  if (dice < 0.01) return 'cut';
  if (dice < 0.012) return 'stall';
  if (dice < 0.015) return 'drop';
  if (dice < 0.05) return 'duplicate';
  return dice < 0.1 ? { delayMs: 1 } : 'deliver';
};

/** Keeps every byte and every jump; notes a gap or a byte that comes twice. */
class Recorder implements ViewerSink {
  readonly pieces: { offset: number; bytes: Buffer }[] = [];
  readonly screens: { offset: number; data: string }[] = [];
  readonly #mayJump: boolean;
  next: number | undefined;
  /** What it saw first. */
  begin: { with: 'screen' | 'output'; offset: number } | undefined;
  exit: ExitState | undefined;
  problem: string | undefined;
  acknowledge: (offset: number) => void = () => undefined;

  /** Without jumps it begins at 0. */
  constructor({ mayJump }: { mayJump: boolean }) {
    this.#mayJump = mayJump;
    if (!mayJump) this.next = 0;
  }

  onOutput({ offset, bytes }: OutputChunk): void {
    // Where no screen can be taken, as while the program restarts, a viewer begins with what is retained.
    const mayBegin = this.#mayJump && this.next === undefined;
    if (offset !== this.next && !mayBegin) this.problem ??= `output at ${offset} after ${this.next}`;
    this.begin ??= { with: 'output', offset };
    this.pieces.push({ offset, bytes: Buffer.from(bytes) });
    this.next = offset + bytes.length;
    this.acknowledge(this.next);
  }

  onSkipped({ from, to }: { from: number; to: number }): void {
    if (!this.#mayJump || from !== this.next || to <= from)
      this.problem ??= `skipped from ${from} to ${to} after ${this.next}`;
    this.next = to;
  }

  onSnapshot({ offset, data }: ScreenSnapshot): void {
    if (!this.#mayJump || (this.next !== undefined && offset !== this.next))
      this.problem ??= `a screen at ${offset} after ${this.next}`;
    this.begin ??= { with: 'screen', offset };
    this.screens.push({ offset, data });
    this.next = offset;
    this.acknowledge(offset);
  }

  onOverflow(): void {
    this.problem ??= 'overflow';
  }

  onExit(exit: ExitState): void {
    this.exit = exit;
  }
}

/** It began with a screen, or where none could be taken with all that is retained; what it saw is what was written there. */
const expectTrueView = ({ begin, pieces, screens }: Recorder, expected: string): void => {
  expect(begin).toBeDefined();
  if (begin?.with === 'output') expect(begin.offset).toBe(0);
  for (const { offset, bytes } of pieces) expect(bytes.toString()).toBe(expected.slice(offset, offset + bytes.length));
  for (const { offset, data } of screens) expect(data).toContain(expected.slice(0, offset).split('\r\n').at(-2) ?? '');
};

const lines = 40_000;
const flood = `for i in $(seq 1 ${lines / 1000}); do seq $((i*1000)) $((i*1000+999)); sleep 0.02; done; sleep 0.2`;
const callCount = 60;

test.each([1, 2, 3])(
  'N6, N7, T17, T18: across cuts, stalls, losses and a restart of the node no byte is lost or doubled, nothing runs twice, all answer (seed %i)',
  async (seed) => {
    await using local = await makeLocalTarget({ nodeId });
    const random = randomOf(seed);
    await using pair = new RemotePair({ machine: local.machine, onFrame: () => fateOf(random), heartbeatMs: 100 });
    pair.persist();
    await pair.connected();
    const session = sessionOf(() => pair.remote, newId('session'));
    /** Asked again with the same id for as long as it was not taken. */
    const call = async (input: unknown): Promise<string> => {
      const callId = newId('call');
      for (;;) {
        const { success, output, error } = await session.call(input, { callId });
        if (success) return output;
        if (error?.code !== 'NODE_OFFLINE') throw new Error(JSON.stringify(error));
        await delay(5);
      }
    };
    await call({ action: 'open', terminal_name: 'flood', description: 'x', command: flood, background: true });
    const [terminal] = pair.remote.terminals(session.id);
    const attach = (recorder: Recorder, more: { snapshot: boolean; from?: number }): void => {
      const request = { terminalId: terminal?.id ?? '', scrollback: 100, windowBytes: 32 * 1024, ...more };
      const viewer = pair.remote.attach(request, recorder);
      recorder.acknowledge = (offset) => viewer.acknowledge(offset);
    };
    const whole = new Recorder({ mayJump: false });
    const screen = new Recorder({ mayJump: true });
    attach(whole, { snapshot: false, from: 0 });
    attach(screen, { snapshot: true });

    const journal = join(local.home, 'journal');
    const calls = Array.from({ length: callCount }, (_, index) =>
      delay(index * 10).then(() =>
        call({ action: 'run', command: `echo ${index} >> ${journal}; seq ${index} 2000; sleep 0.1` }),
      ),
    );
    await delay(300);
    await pair.service[Symbol.asyncDispose]();
    await local.restart();
    pair.serve(local.machine);

    const outputs = await Promise.all(calls);
    const indexes = Array.from({ length: callCount }, (_, index) => index);
    expect(outputs.map((output) => output.split('\n').length)).toEqual(indexes.map((index) => 2002 - index));
    const ran = readFileSync(journal, 'utf8').trim().split('\n').map(Number);
    expect(ran.toSorted((a, b) => a - b)).toEqual(indexes);

    await expect.poll(() => [whole.exit, screen.exit], { timeout: 30_000 }).not.toContain(undefined);
    expect(whole.problem).toBeUndefined();
    expect(screen.problem).toBeUndefined();
    const expected = Array.from({ length: lines }, (_, index) => `${1000 + index}\r\n`).join('');
    expect(Buffer.concat(whole.pieces.map(({ bytes }) => bytes)).toString()).toBe(expected);
    expectTrueView(screen, expected);
    expect(screen.next).toBe(expected.length);
    expect(whole.exit).toMatchObject({ exitCode: 0 });
    expect(pair.connections).toBeGreaterThan(3);
    // Each once, and in order.
    await pair.connected();
    const told = pair.events.filter(({ type }) => type === 'terminal.opened' || type === 'terminal.exited');
    expect(told.map(({ type }) => type)).toEqual(['terminal.opened', 'terminal.exited']);
    const ended = pair.events.flatMap((event) => (event.type === 'tool_call' ? [event.data.callId] : []));
    expect(new Set(ended).size).toBe(ended.length);
  },
  90_000,
);
