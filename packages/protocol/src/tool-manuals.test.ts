/** Every tool with a manual describes its actions, parameters and numbers, and its examples are valid calls (T28). */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseCodeExecCall } from './code-exec-tool.ts';
import { filesystemActions, parseFilesystemCall } from './filesystem-tool.ts';
import { parseSshExecCall, sshActions } from './ssh-exec-tool.ts';
import { parseTerminalCall, terminalActions } from './terminal-tool.ts';
import { toolDefinitions, toolsWithManual } from './tool-definitions.ts';
import { toolManuals } from './tool-manuals.ts';

const judges = {
  terminal: { actions: terminalActions, warnings: (input: unknown) => parseTerminalCall(input).warnings },
  filesystem: { actions: filesystemActions, warnings: (input: unknown) => parseFilesystemCall(input).warnings },
  code_exec: { actions: [], warnings: (input: unknown) => (parseCodeExecCall(input), []) },
  ssh_exec: { actions: sshActions, warnings: (input: unknown) => parseSshExecCall(input).warnings },
};

test.each(toolsWithManual)('T28: the manual of %s has every action and parameter, and valid examples', (name) => {
  const manual = toolManuals[name]();
  const { schema } = toolDefinitions.find((definition) => definition.name === name) ?? { schema: z.never() };
  for (const action of judges[name].actions) expect(manual).toContain(`### ${action}\n`);
  const { properties = {} } = z.toJSONSchema(schema);
  expect(Object.keys(properties).length).toBeGreaterThan(5);
  for (const [field, property] of Object.entries(properties)) {
    const text = typeof property === 'object' ? property.description : undefined;
    expect(manual).toContain(`\`${field}\`: ${text ?? 'no description'}`);
  }
  const calls = manual.split('\n').filter((line) => line.startsWith('    {'));
  expect(calls.length).toBeGreaterThan(2);
  for (const call of calls) expect(judges[name].warnings(JSON.parse(call))).toEqual([]);
  for (const title of ['Parameters', 'Results', 'Limits', 'Examples', 'When to use what', 'Safety'])
    expect(manual).toContain(`## ${title}\n`);
  expect(manual).not.toMatch(/: $|undefined|NaN/m);
});

test('P5: hostile arguments are refused by the name of the field', () => {
  const refused: [(input: unknown) => unknown, unknown, string][] = [
    [parseFilesystemCall, { action: 'destroy', path: '/' }, 'action'],
    [parseFilesystemCall, { action: 'read' }, 'path'],
    [parseFilesystemCall, { action: 'read', path: 'a\0b' }, 'path'],
    [parseFilesystemCall, { action: 'write', path: 'x', content: 5 }, 'content'],
    [parseFilesystemCall, { action: 'write', path: 'x', content: 'é'.repeat(1_000_000) }, 'content'],
    [parseFilesystemCall, { action: 'edit', path: 'x', edits: [{ find: '', replace: '' }] }, 'edits.0.find'],
    [parseFilesystemCall, { action: 'read', path: 'x', from: -1 }, 'from'],
    [parseFilesystemCall, { action: 'read', path: 'x', limit: 1.5 }, 'limit'],
    [parseFilesystemCall, { action: 'grep' }, 'pattern'],
    [parseFilesystemCall, { action: 'delete', path: 'x', recursive: 'yes' }, 'recursive'],
    [parseCodeExecCall, { language: 'perl', code: 'x' }, 'language'],
    [parseCodeExecCall, { language: 'python', code: '  ' }, 'code'],
    [parseCodeExecCall, { language: 'python', code: 'x'.repeat(102_401) }, 'code'],
    [parseSshExecCall, { action: 'run', host: '-oProxyCommand=id', command: 'id' }, 'host'],
    [parseSshExecCall, { action: 'run', host: 'a b', command: 'id' }, 'host'],
    [parseSshExecCall, { action: 'run', host: '$(id)', command: 'id' }, 'host'],
    [parseSshExecCall, { action: 'run', host: 'h', user: '-l', command: 'id' }, 'user'],
    [parseSshExecCall, { action: 'run', host: 'h', port: 0, command: 'id' }, 'port'],
    [parseSshExecCall, { action: 'run', host: 'h', host_key: 'SHA256:x', command: 'id' }, 'host_key'],
    [parseSshExecCall, { action: 'upload', host: 'h', local_path: 'x' }, 'remote_path'],
  ];
  for (const [parse, input, field] of refused)
    expect(() => parse(input), JSON.stringify(input).slice(0, 80)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    );
});
