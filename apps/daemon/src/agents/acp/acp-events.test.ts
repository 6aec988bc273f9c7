/** Calls of an ACP agent as it tells them: at once or piece by piece (I19). */
import type { SessionUpdate, ToolCallUpdate } from '@agentclientprotocol/sdk';
import type { AgentEvent } from '@navisai/agent';
import { expect, test } from 'vitest';
import { AcpEvents } from './acp-events.ts';

const toolCallId = 'one';
const call = (given: Omit<ToolCallUpdate, 'toolCallId'>): SessionUpdate =>
  ({
    sessionUpdate: 'tool_call',
    toolCallId,
    title: '',
    ...given,
  }) as SessionUpdate;
const change = (given: Omit<ToolCallUpdate, 'toolCallId'>): SessionUpdate => ({
  sessionUpdate: 'tool_call_update',
  toolCallId,
  ...given,
});

/** What is shown of the call after each update, and in the end. */
const shownOf = (...updates: SessionUpdate[]) => {
  const events = new AcpEvents(() => 'c_12345678');
  const told: AgentEvent[][] = updates.map((update) => events.take(update) as AgentEvent[]);
  told.push(events.end('was left open'));
  const pieces = told.map((some) =>
    some.flatMap((event) => (event.type === 'call_delta' ? [event.text] : [])).join(''),
  );
  const parts = new Set(told.flat().flatMap((event) => (event.type === 'call_delta' ? [event.part] : [])));
  const last = told.flat().at(-1);
  return { pieces, whole: JSON.parse(pieces.join('')), parts: parts.size, tool: last?.type === 'result' && last.tool };
};

test('I19: a call that is told at once is shown at once', () => {
  const { pieces, whole, parts } = shownOf(
    call({ title: 'Read it', kind: 'read', status: 'in_progress', rawInput: { path: '/it' } }),
    change({ status: 'completed' }),
  );
  expect(whole).toEqual({ title: 'Read it', input: { path: '/it' } });
  expect(JSON.parse(pieces[0] ?? '')).toEqual(whole);
  expect(parts).toBe(1);
});

test('I19: a call is shown before what it is given is known; that, its name and its kind follow', () => {
  const { pieces, whole, parts, tool } = shownOf(
    call({ title: 'bash', status: 'pending', rawInput: {} }),
    change({ title: '`rm -rf build`', kind: 'execute', rawInput: { command: 'rm -rf build' } }),
    change({ status: 'in_progress' }),
    change({ status: 'completed' }),
  );
  expect(pieces[0]).toContain('bash');
  expect(pieces[1]).toContain('rm -rf build');
  expect(whole).toEqual({ title: '`rm -rf build`', input: { command: 'rm -rf build' } });
  expect(parts).toBe(1);
  expect(tool).toBe('execute');
});

test('I19: what a call is given in its end is shown, and so is one that is left open', () => {
  const late = shownOf(
    call({ title: 'x', status: 'in_progress' }),
    change({ status: 'completed', rawInput: { a: 1 } }),
  );
  expect(late.whole).toEqual({ title: 'x', input: { a: 1 } });
  expect(shownOf(call({ title: 'x', status: 'pending' })).whole).toEqual({ title: 'x' });
});

test('I19: an agent that writes what a call is given letter by letter does not fill the conversation', () => {
  const letters = Array.from({ length: 1000 }, (_, number) => change({ rawInput: { text: 'x'.repeat(number + 1) } }));
  const { pieces, whole } = shownOf(call({ title: 'x', status: 'pending' }), ...letters, change({ status: 'failed' }));
  expect(whole).toEqual({ title: 'x', input: { text: 'x'.repeat(1000) } });
  expect(pieces.filter((piece) => piece !== '').length).toBeLessThan(20);
});
