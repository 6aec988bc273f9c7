/** A call that was recorded acts at most once, whatever happens to the program in between (N7). */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ToolResult } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallJournal } from './call-journal.ts';
import type { JournalLimits } from './call-journal.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-journal-'));
  path = join(directory, 'calls.journal');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const keyOf = (callId: string) => ({ sessionId: 's_test', callId });
const resultOf = (output: string): ToolResult => ({ success: true, output, metadata: {} });
const open = (limits?: JournalLimits, now?: () => number): CallJournal => new CallJournal({ path, limits, now });

test('N7: what was begun is interrupted after a crash, what ended has its result, what was acknowledged is forgotten', () => {
  const first = open();
  for (const id of ['begun', 'ended', 'acknowledged']) first.begin(keyOf(id));
  first.end(keyOf('ended'), resultOf('done'));
  first.end(keyOf('acknowledged'), resultOf('kept elsewhere'));
  first.acknowledge(keyOf('acknowledged'));
  expect(first.find(keyOf('begun'))).toBeNull();
  // No goodbye: the next program opens the same file.
  const second = open();
  expect(second.find(keyOf('begun'))).toEqual({ state: 'interrupted' });
  expect(second.find(keyOf('ended'))).toEqual({ state: 'ended', result: resultOf('done') });
  expect(second.find(keyOf('acknowledged'))).toBeNull();
  expect(second.find({ sessionId: 's_other', callId: 'ended' })).toBeNull();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
});

test('N7: a torn end of the file is cut off, wherever it was torn, and what follows is kept', () => {
  const first = open();
  first.begin(keyOf('one'));
  first.end(keyOf('one'), resultOf('x'.repeat(500)));
  first[Symbol.dispose]();
  const whole = readFileSync(path);
  const length = whole.indexOf(0);
  const firstLine = whole.indexOf('\n') + 1;
  for (let cut = 0; cut < length; cut += 7) {
    writeFileSync(path, Buffer.concat([whole.subarray(0, cut), cut % 2 === 0 ? Buffer.alloc(100) : Buffer.alloc(0)]));
    const second = open();
    expect(second.find(keyOf('one'))).toEqual(cut >= firstLine ? { state: 'interrupted' } : null);
    second.begin(keyOf('two'));
    second.end(keyOf('two'), resultOf('y'));
    second[Symbol.dispose]();
    const third = open();
    expect(third.find(keyOf('two'))).toMatchObject({ state: 'ended' });
    third[Symbol.dispose]();
  }
  appendFileSync(path, 'no record\n');
  truncateSync(path);
  expect(open().find(keyOf('two'))).toBeNull();
});

test('the journal forgets the oldest that are not under way, by age, number and size, and its file stays small', () => {
  let now = 0;
  const limits = { maxAgeMs: 1000, maxEntries: 10, maxResultBytes: 50_000 };
  const journal = open(limits, () => now);
  journal.begin(keyOf('long'));
  for (let index = 0; index < 2000; index += 1) {
    journal.begin(keyOf(`n${index}`));
    journal.end(keyOf(`n${index}`), resultOf('z'.repeat(index % 2 === 0 ? 10 : 3000)));
  }
  expect(journal.find(keyOf('n0'))).toBeNull();
  expect(journal.find(keyOf('n1999'))).toMatchObject({ state: 'ended' });
  expect(statSync(path).size).toBeLessThan(1024 * 1024 + 200_000);
  now = 2000;
  expect(open(limits, () => now).find(keyOf('n1999'))).toBeNull();
  journal.end(keyOf('long'), resultOf('after all'));
  journal[Symbol.dispose]();
});

test('P5: what a call made beside its target is known to the next program, until the call ends, also when rewritten', () => {
  const first = open();
  for (const id of ['left', 'ended']) {
    first.begin(keyOf(id));
    first.noteTemporary(keyOf(id), `/somewhere/.navis-${id}.tmp`);
  }
  first.end(keyOf('ended'), resultOf('done'));
  // Enough to be written anew.
  for (let index = 0; index < 40; index += 1) {
    first.begin(keyOf('other'));
    first.end(keyOf('other'), resultOf('x'.repeat(100_000)));
  }
  expect(statSync(path).size).toBeLessThan(3_000_000);
  expect(first.leftOver()).toEqual([]);
  const second = open();
  expect(second.leftOver()).toEqual(['/somewhere/.navis-left.tmp']);
  expect(second.find(keyOf('left'))).toEqual({ state: 'interrupted' });
  second.acknowledge(keyOf('left'));
  expect(second.leftOver()).toEqual([]);
  for (const journal of [first, second]) journal[Symbol.dispose]();
});

type Step =
  | { type: 'call'; id: string; bytes: number }
  | { type: 'finish'; id: string }
  | { type: 'acknowledge'; id: string }
  | { type: 'crash'; torn: number };

const idArbitrary = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('call' as const), id: idArbitrary, bytes: fc.nat(400_000) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('finish' as const), id: idArbitrary }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('acknowledge' as const), id: idArbitrary }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('crash' as const), torn: fc.nat(300) }) },
);

test('N7: in any order of calls, ends, crashes, acknowledgements and rewriting nothing acts twice before it is acknowledged', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 60 }), (steps) => {
      rmSync(path, { force: true });
      let journal = open();
      const acted = new Map<string, number>();
      const results = new Map<string, string>();
      const underWay = new Map<string, string>();
      for (const step of steps) {
        switch (step.type) {
          case 'call': {
            if (underWay.has(step.id)) break;
            const known = journal.find(keyOf(step.id));
            if (known?.state === 'ended') expect(known.result.output).toBe(results.get(step.id));
            if (known !== null) break;
            journal.begin(keyOf(step.id));
            acted.set(step.id, (acted.get(step.id) ?? 0) + 1);
            underWay.set(step.id, `${step.id}${'-'.repeat(step.bytes)}`);
            break;
          }
          case 'finish': {
            const output = underWay.get(step.id);
            if (output === undefined) break;
            journal.end(keyOf(step.id), resultOf(output));
            results.set(step.id, output);
            underWay.delete(step.id);
            break;
          }
          case 'acknowledge':
            if (underWay.has(step.id)) break;
            journal.acknowledge(keyOf(step.id));
            acted.delete(step.id);
            break;
          case 'crash': {
            journal[Symbol.dispose]();
            underWay.clear();
            // What a program was about to write when it died.
            const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
            const end = size === 0 ? 0 : lastByte(path);
            if (size > 0) tear(path, end, step.torn);
            journal = open();
          }
        }
        for (const times of acted.values()) expect(times).toBeLessThanOrEqual(1);
      }
      journal[Symbol.dispose]();
    }),
    { numRuns: 60 },
  );
});

const lastByte = (file: string): number => {
  const bytes = readFileSync(file);
  return bytes.lastIndexOf(0x0a) + 1;
};

const tear = (file: string, end: number, length: number): void => {
  const torn = Buffer.from(JSON.stringify({ type: 'begin', key: 's_test/torn', at: 1, rest: 'x'.repeat(400) }));
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, end), torn.subarray(0, length), bytes.subarray(end + length)]));
};
