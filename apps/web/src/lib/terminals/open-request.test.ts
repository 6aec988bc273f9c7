/** Behaviour of the form for a new terminal. */
import { parseTerminalCall } from '@navisai/protocol';
import type { SessionWithTerminals } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { isSessionFull, judgeOpenForm, proposeName, toOpenArguments } from './open-request.ts';

const form = { name: 'web', description: 'dev server', command: 'npm run dev', directory: '/srv', nodeId: '' };
const sessionWith = (names: string[]) => ({ terminals: names.map((name) => ({ name })) }) as SessionWithTerminals;

test('T10: the proposed name is free', () => {
  expect(proposeName([])).toBe('shell');
  expect(proposeName(['shell', 'web', 'shell-3'])).toBe('shell-2');
  expect(proposeName(['shell', 'shell-2'])).toBe('shell-3');
});

test('T10, T15: a bad or taken name is told before anything is sent', () => {
  expect(judgeOpenForm(form, sessionWith([]))).toEqual({});
  expect(judgeOpenForm({ ...form, name: 'a b' }, sessionWith([])).name).toContain('letters');
  expect(judgeOpenForm({ ...form, name: '..' }, undefined).name).toBeDefined();
  expect(judgeOpenForm(form, sessionWith(['web'])).name).toContain('already open');
});

test('T16: ten terminals fill a session', () => {
  expect(isSessionFull(sessionWith(Array.from({ length: 9 }, (_, index) => `t${index}`)))).toBe(false);
  expect(isSessionFull(sessionWith(Array.from({ length: 10 }, (_, index) => `t${index}`)))).toBe(true);
});

test.each([form, { ...form, command: ' ', description: '', directory: '' }, { ...form, description: '' }])(
  'T11, T12: what the form sends is a valid call of the tool (%#)',
  (given) => {
    const { call, warnings } = parseTerminalCall(toOpenArguments(given));
    expect(warnings).toEqual([]);
    expect(call).toMatchObject({ action: 'open', background: true, keep_alive: true });
  },
);

test('N5: the form names the node that the terminal runs on', () => {
  expect(toOpenArguments({ ...form, nodeId: 'n_nas0' })).toMatchObject({ node_id: 'n_nas0' });
  expect(toOpenArguments(form)).not.toHaveProperty('node_id');
});

test('an empty command opens the login shell', () => {
  expect(toOpenArguments({ ...form, command: '' })).toMatchObject({ command: 'exec "${SHELL:-bash}" -l' });
});
