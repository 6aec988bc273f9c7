/** The judge of `terminal` calls names the field and lets nothing wrong through (T2–T14, T22, T30). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NavisError } from './errors.ts';
import { maxCommandBytes, maxInputBytes } from './limits.ts';
import { openDescriptionText, parseTerminalCall, terminalToolSchema } from './terminal-tool.ts';

const open = { action: 'open', terminal_name: 'web', description: 'dev server', command: 'npm run dev' };

const fieldOf = (input: unknown): string | undefined => {
  try {
    parseTerminalCall(input);
  } catch (error) {
    expect(error).toBeInstanceOf(NavisError);
    expect((error as NavisError).code).toBe('INVALID_ARGUMENT');
    expect((error as NavisError).message).toMatch(/^\S+: .+ Nothing was started\.$/s);
    return (error as NavisError).field;
  }
  return undefined;
};

describe('wrong arguments are refused, naming the field', () => {
  const cases: [string, unknown, string][] = [
    ['T2: unknown action', { action: 'foo' }, 'action'],
    ['T2: action of another type', { action: ['run'] }, 'action'],
    ['T2: no action', {}, 'action'],
    ['T2: no object', 'run', 'arguments'],
    ['T2: unknown parameter', { action: 'list', color: 'red' }, 'color'],
    ['T2: __proto__', JSON.parse('{"action":"list","__proto__":{"action":"run"}}'), '__proto__'],
    ['T4: missing command', { action: 'run' }, 'command'],
    ['T4: blank command', { action: 'run', command: ' \n\t' }, 'command'],
    ['T4: command of another type', { action: 'run', command: ['ls'] }, 'command'],
    ['T4: command with NUL', { action: 'run', command: 'ls\0' }, 'command'],
    ['T4: command too large', { action: 'run', command: 'x'.repeat(maxCommandBytes + 1) }, 'command'],
    ['T5: working_dir of another type', { action: 'run', command: 'ls', working_dir: 1 }, 'working_dir'],
    ['T6: timeout 0', { action: 'run', command: 'ls', timeout: 0 }, 'timeout'],
    ['T6: timeout 301', { action: 'run', command: 'ls', timeout: 301 }, 'timeout'],
    ['T6: timeout 1.5', { action: 'run', command: 'ls', timeout: 1.5 }, 'timeout'],
    ['T6: timeout text', { action: 'run', command: 'ls', timeout: '20' }, 'timeout'],
    ['T6: timeout null', { action: 'run', command: 'ls', timeout: null }, 'timeout'],
    ['T10: missing name', { ...open, terminal_name: undefined }, 'terminal_name'],
    ['T10: name ..', { ...open, terminal_name: '..' }, 'terminal_name'],
    ['T10: name with a slash', { ...open, terminal_name: 'a/b' }, 'terminal_name'],
    ['T10: name with a newline', { ...open, terminal_name: 'a\n' }, 'terminal_name'],
    ['T10: name of 65', { ...open, terminal_name: 'a'.repeat(65) }, 'terminal_name'],
    ['T11: missing description', { ...open, description: undefined }, 'description'],
    ['T12: missing command', { ...open, command: undefined }, 'command'],
    ['T12: background of another type', { ...open, background: 'true' }, 'background'],
    ['T22: missing input', { action: 'send_input', terminal_name: 'web' }, 'input'],
    [
      'T22: input too large',
      { action: 'send_input', terminal_name: 'web', input: 'x'.repeat(maxInputBytes + 1) },
      'input',
    ],
    ['T25: keep_alive of another type', { ...open, keep_alive: 1 }, 'keep_alive'],
    ['T30: lines out of range', { action: 'status', terminal_name: 'web', lines: 1001 }, 'lines'],
    ['T30: negative offset', { action: 'status', terminal_name: 'web', from: -1 }, 'from'],
    ['T30: wait_for of nothing', { action: 'status', terminal_name: 'web', wait_for: {} }, 'wait_for'],
    [
      'T30: pattern too long',
      { action: 'status', terminal_name: 'web', wait_for: { pattern: 'x'.repeat(513) } },
      'wait_for.pattern',
    ],
    [
      'T30: wait too long',
      { action: 'status', terminal_name: 'web', wait_for: { exit: true, timeout: 301 } },
      'wait_for.timeout',
    ],
  ];
  test.each(cases)('%s', (_name, input, field) => {
    expect(fieldOf(input)).toBe(field);
  });
});

test('T6: the message tells the range', () => {
  expect(() => parseTerminalCall({ action: 'run', command: 'ls', timeout: 999 })).toThrow('from 1 to 300');
});

test('T11: the published description of `description` is the literal text', () => {
  expect(terminalToolSchema.shape.description.description).toBe(openDescriptionText);
});

test('T2: parameters of other actions are left out with a warning', () => {
  const { call, warnings } = parseTerminalCall({ action: 'close', terminal_name: 'web', command: 'ls' });
  expect(call).toEqual({ action: 'close', terminal_name: 'web' });
  expect(warnings).toEqual(["command has no effect with action 'close'."]);
});

test('T10: every accepted name is 1–64 safe characters, every other is refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 70 }), (name) => {
      const isGood = /^[A-Za-z0-9._-]{1,64}$/.test(name) && name !== '.' && name !== '..' && !name.endsWith('\n');
      expect(fieldOf({ ...open, terminal_name: name })).toBe(isGood ? undefined : 'terminal_name');
    }),
  );
});

test('T2: no JSON value makes the judge throw anything but INVALID_ARGUMENT', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fieldOf(value);
    }),
  );
});
