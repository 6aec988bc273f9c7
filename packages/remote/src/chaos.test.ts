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

/** Keeps every byte and every jump; fails on a gap or a byte that comes twice. */
class Recorder implements ViewerSink {
  readonly pieces: Buffer[] = [];
  next = 0;
  exit: ExitState | undefined;
  problem: string | undefined;
  acknowledge: (offset: number) => void = () => undefined;

  onOutput({ offset, bytes }: OutputChunk): void {
    if (offset !== this.next) this.problem ??= `output at ${offset} after ${this.next}`;
    this.pieces.push(Buffer.from(bytes));
    this.next = offset + bytes.length;
    this.acknowledge(this.next);
  }

  onSkipped({ from, to }: { from: number; to: number }): void {
    this.problem ??= `skipped from ${from} to ${to}`;
  }

  onSnapshot(snapshot: ScreenSnapshot): void {
    this.problem ??= `a screen at ${snapshot.offset}`;
  }

  onOverflow(): void {
    this.problem ??= 'overflow';
  }

  onExit(exit: ExitState): void {
    this.exit = exit;
  }
}

test.each([1, 2, 3])(
  'N6, N7, T17: across cuts, stalls, delays, doubles and losses no byte is lost or doubled, no command runs twice, all answer (seed %i)',
  async (seed) => {
    await using local = await makeLocalTarget({ nodeId });
    const random = randomOf(seed);
    await using pair = new RemotePair({
      machine: local.machine,
      onFrame: () => fateOf(random),
      heartbeatMs: 100,
    });
    pair.persist();
    await pair.connected();
    const session = sessionOf(() => pair.remote, newId('session'));
    const journal = join(local.home, 'journal');
    const retried = async (command: string): Promise<string> => {
      const callId = newId('call');
      for (;;) {
        const { success, output, error } = await session.call({ action: 'run', command }, { callId });
        if (success) return output;
        if (error?.code !== 'NODE_OFFLINE') throw new Error(JSON.stringify(error));
        await delay(5);
      }
    };
    const calls = Array.from({ length: 60 }, (_, index) =>
      delay(index * 10).then(() => retried(`echo ${index} >> ${journal}; seq ${index} 2000`)),
    );
    const callId = newId('call');
    for (let isOpen = false; !isOpen;) {
      const command = 'for i in $(seq 1 40); do seq $((i*1000)) $((i*1000+999)); sleep 0.02; done; sleep 0.2';
      const open = { action: 'open', terminal_name: 'flood', description: 'x', command, background: true };
      const { success, error } = await session.call(open, { callId });
      if (!success && error?.code !== 'NODE_OFFLINE') throw new Error(JSON.stringify(error));
      isOpen = success;
    }
    const [terminal] = pair.remote.terminals(session.id);
    const recorder = new Recorder();
    const attach = { terminalId: terminal?.id ?? '', from: 0, snapshot: false, scrollback: 0, windowBytes: 64 * 1024 };
    const viewer = pair.remote.attach(attach, recorder);
    recorder.acknowledge = (offset) => viewer.acknowledge(offset);

    const outputs = await Promise.all(calls);
    expect(outputs.map((output) => output.split('\n').length)).toEqual(
      Array.from({ length: 60 }, (_, index) => 2001 - index + 1),
    );
    const ran = readFileSync(journal, 'utf8').trim().split('\n').map(Number);
    expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));

    for (let turn = 0; turn < 2000 && recorder.exit === undefined; turn += 1) await delay(10);
    expect(recorder.problem).toBeUndefined();
    const expected = Array.from({ length: 40_000 }, (_, index) => `${1000 + index}\r\n`).join('');
    expect(Buffer.concat(recorder.pieces).toString()).toBe(expected);
    expect(recorder.exit).toMatchObject({ exitCode: 0 });
    expect(pair.connections).toBeGreaterThan(3);
    // Each once, and in order.
    await pair.connected();
    const told = pair.events.filter(({ type }) => type === 'terminal.opened' || type === 'terminal.exited');
    expect(told.map(({ type }) => type)).toEqual(['terminal.opened', 'terminal.exited']);
    const started = pair.events.flatMap((event) => (event.type === 'tool_started' ? [event.data.callId] : []));
    expect(new Set(started).size).toBe(started.length);
  },
  60_000,
);
