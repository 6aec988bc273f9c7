/** Behaviour of what is shown of an approval. */
import type { Approval, ApprovalOf } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionWords, matcherWords, wishWords } from './approval-words.ts';
import { similarApproval } from './similar-approval.ts';
import { markDifferences, markParts } from './text-marks.ts';

test('A2: whatever is marked, the text shown is the text that runs', () => {
  const joined = (parts: { text: string }[]) => parts.map(({ text }) => text).join('');
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), fc.string(), (text, parts, before) => {
      expect(joined(markParts(text, parts))).toBe(text);
      expect(joined(markDifferences(text, before))).toBe(text);
    }),
  );
});

test('A2: the parts that matter are marked wherever they stand', () => {
  expect(markParts('ls && rm -rf a; rm -rf a', ['rm -rf a']).filter(({ isMarked }) => isMarked)).toHaveLength(2);
  expect(markParts('ls', [''])).toEqual([{ text: 'ls', isMarked: false }]);
});

test('A2: what differs from the command before is marked, and nothing else', () => {
  const marked = markDifferences('deploy --to staging --tag v2 --quiet', 'deploy --to staging --tag v1 --quiet');
  expect(marked.filter(({ isMarked }) => isMarked)).toEqual([{ text: 'v2', isMarked: true }]);
});

const approval = (id: string, text: string, state: Approval['state']) =>
  ({ id, kind: 'call', state, detail: { text, call: { tool: 'terminal' } } }) as ApprovalOf<'call'>;

test('A2: a long command is compared with the last one like it that was approved', () => {
  const long = `deploy ${'--flag '.repeat(20)}`;
  const asked = approval('a_1', `${long} now`, 'pending');
  const before = approval('a_2', long, 'approved');
  expect(similarApproval(asked, [asked, approval('a_3', long, 'rejected'), before])).toBe(before);
  expect(similarApproval(approval('a_4', 'ls', 'pending'), [before])).toBeUndefined();
});

test('A2: decisions and rules are told in words', () => {
  expect(decisionWords({ state: 'approved', grant: 'session', comment: null })).toBe('Approved for this session');
  expect(decisionWords({ state: 'rejected', comment: 'not now' })).toBe('Rejected: not now');
  expect(decisionWords({ state: 'expired', comment: null })).toBe('Nobody answered in time');
  expect(decisionWords({ state: 'expired', comment: 'The call was stopped.' })).toBe('The call was stopped.');
  expect(matcherWords({ tools: ['terminal.run'], commandPrefixes: ['npm test'], directories: ['/srv'] })).toBe(
    'commands that begin with “npm test” in /srv',
  );
});

test('A2: what is wanted is told in words, with the terminal that it is wanted in', () => {
  const wish = (tool: string, given: unknown) =>
    wishWords({ call: { tool, arguments: given } } as ApprovalOf<'call'>['detail']);
  expect(wish('terminal', { action: 'run', command: 'ls' })).toBe('run a command');
  expect(wish('terminal', { action: 'run', terminal_name: 'web' })).toBe('run a command in the terminal web');
  expect(wish('remote_terminal', { action: 'send_input', terminal_name: 'web' })).toBe('type into the terminal web');
  expect(wish('filesystem', { action: 'delete', path: 'a' })).toBe('delete files');
  expect(wish('acp', { kind: 'edit', title: 'Edit a.ts' })).toBe('edit a file');
  expect(wish('acp', { kind: 'other', title: 'Ask the oracle' })).toBe('Ask the oracle');
  expect(wish('weather_lookup', null)).toBe('use weather lookup');
});
