import type { ToolResult } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { maxAnswerCharacters, toolAnswer } from './tool-answer.ts';

const answer = (result: Partial<ToolResult>): string =>
  toolAnswer({ callId: 'c_call1', tool: 'terminal', result: { success: true, output: '', metadata: {}, ...result } })
    .output;

test('A3: the model reads the exit code and the error in words, after the output', () => {
  const error = { code: 'NON_ZERO_EXIT', message: 'The command ended with a non-zero exit code.' };
  expect(answer({ success: false, output: 'no such file', error, metadata: { exit_code: 3 } })).toBe(
    'no such file\n[Failed: The command ended with a non-zero exit code. (NON_ZERO_EXIT)]\n[Exit code 3.]',
  );
});

test('A3: success is not commented on, emptiness is', () => {
  expect(answer({ output: 'fine', metadata: { exit_code: 0 } })).toBe('fine');
  expect(answer({})).toBe('(no output)');
});

test('A3: signal, field and warnings are said', () => {
  const error = { code: 'INVALID_ARGUMENT', message: 'must not be empty', field: 'command' };
  expect(answer({ success: false, error, metadata: { signal: 'SIGKILL', warnings: ['Too late.'] } })).toBe(
    '[Failed: must not be empty (command) (INVALID_ARGUMENT)]\n[Ended by the signal SIGKILL.]\n[Note: Too late.]',
  );
});

test('A3: a long result keeps its head and tail, and says where the whole is', () => {
  const text = answer({ output: `HEAD${'🙂'.repeat(200_000)}TAIL`, metadata: { exit_code: 0 } });
  expect(text.length).toBeLessThanOrEqual(maxAnswerCharacters);
  expect([text.startsWith('HEAD'), text.endsWith('TAIL')]).toEqual([true, true]);
  expect(text).toContain('navis://output/c_call1');
  expect(text.isWellFormed()).toBe(true);
});

test('A3: the error is read also where the output is endless', () => {
  const error = { code: 'timeout', message: 'It ran too long.' };
  const text = answer({ success: false, output: 'x'.repeat(1e6), error });
  expect(text.endsWith('[Failed: It ran too long. (timeout)]')).toBe(true);
});
