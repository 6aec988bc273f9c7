/** Behaviour of the line that says what a call does. */
import type { CallItem } from '@navisai/client';
import { expect, test } from 'vitest';
import { describeCall } from './call-words.ts';

const call = (tool: string, given: unknown, started: CallItem['started'] = null): CallItem => ({
  kind: 'call',
  key: 'call/c',
  at: '',
  callId: 'c',
  streamId: 'r',
  tool,
  arguments: { text: typeof given === 'string' ? given : JSON.stringify(given), ahead: [] },
  started,
  startedAt: null,
  ended: null,
  result: null,
  success: null,
  approval: null,
  children: [],
});
const line = (tool: string, given: unknown): string => {
  const { title, subject } = describeCall(call(tool, given));
  return subject === '' ? title : `${title}: ${subject}`;
};

test('issue 6: every tool says in a line what it does', () => {
  expect(line('terminal', { action: 'run', command: 'npm test' })).toBe('Run: npm test');
  expect(line('terminal', { action: 'open', terminal_name: 'web', command: 'npm run dev' })).toBe(
    'Open web: npm run dev',
  );
  expect(line('terminal', { action: 'send_input', terminal_name: 'web', input: 'q\n' })).toBe('Type into web: q');
  expect(line('filesystem', { action: 'edit', path: 'src/a.ts' })).toBe('Edit: src/a.ts');
  expect(line('filesystem', { action: 'grep', pattern: 'x', path: 'src' })).toBe('Search: x in src');
  expect(line('filesystem', { action: 'move', path: 'a', to: 'b' })).toBe('Move: a → b');
  expect(line('spawn_agent', { task: 'Find it.\nThen tell.' })).toBe('Sub-agent: Find it.');
  expect(line('spawn_agent', { task: 'Find it.', description: 'Find the failing test' })).toBe(
    'Sub-agent: Find the failing test',
  );
  const task = 'Look at the backups.\nThen tell.';
  expect(line('schedule_recall', { title: 'Backups', task, schedule: { kind: 'now' } })).toBe('Schedule: Backups');
  expect(line('schedule_recall', { task })).toBe('Schedule: Look at the backups.');
  expect(line('weather_lookup', { city: 'Bonn' })).toBe('Weather lookup: Bonn');
});

test('I19: calls of other agents are told by their kind and title', () => {
  expect(line('read', { title: 'Read src/a.ts', input: { path: 'src/a.ts' } })).toBe('Read: src/a.ts');
  expect(line('execute', { title: '`npm test`', input: { command: 'npm test' } })).toBe('Run: npm test');
  expect(line('edit', { title: 'Edit' })).toBe('Edit');
  expect(line('other', { title: 'Ask the oracle' })).toBe('Ask the oracle');
  expect(line('read', { path: 'a' })).toBe('Read: a');
});

test('N9: a call that is still being written says what is known, and a machine what it does', () => {
  expect(line('terminal', '{"action":"run","command":"npm te')).toBe('Run: npm te');
  expect(line('terminal', '')).toBe('Run');
  const started = { summary: 'ls -la', action: 'run' } as CallItem['started'];
  expect(describeCall(call('terminal', '', started)).subject).toBe('ls -la');
});
