/** Behaviour of hints while a message is being written. */
import { expect, test } from 'vitest';
import { hintsFor, meaningOf } from './composer-hints.ts';

const facts = { terminals: ['web', 'worker'], nodes: ['main', 'nas'], profiles: [], models: ['ollama/qwen3'] };
const labels = (text: string) => hintsFor(text, facts).map(({ text: completed }) => completed);

test('A4: commands and their values are completed, and what is said to the agent is left alone', () => {
  expect(labels('/')).toHaveLength(9);
  expect(labels('/st')).toEqual(['/status ', '/stop']);
  expect(labels('/stop')).toEqual([]);
  expect(labels('/close w')).toEqual(['/close web', '/close worker']);
  expect(labels('/close web')).toEqual([]);
  expect(labels('/model o')).toEqual(['/model ollama/qwen3']);
  expect(labels('look at /etc')).toEqual([]);
  expect(labels('/etc/hosts is wrong')).toEqual([]);
});

test('A4: it is told before Enter that something runs without the agent', () => {
  expect(meaningOf('!ls', 'nas')).toBe('Runs on nas, without the agent');
  expect(meaningOf('/list', 'nas')).toBe('List the terminals of this conversation');
  expect(meaningOf('hello', 'nas')).toBeUndefined();
});
