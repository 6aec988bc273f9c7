/** What agents start, on this machine (A7). */
import { expect, test } from 'vitest';
import { createMachinePolicy } from '../policy/machine-policy.ts';
import { maskSuite } from '../tools/mask.suite.ts';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';

maskSuite(makeLocalTarget);

test('A7: where nothing can hide anything, agents go on with a warning, told once in each session', async () => {
  const options = { stateDirectory: '/tmp/navis-none', home: '/tmp/navis-none', nodeId: 'main' };
  const findSandbox = () => Promise.resolve({ reason: 'bubblewrap is not installed; install the package bubblewrap.' });
  const scriptFolder = () => Promise.resolve('/tmp');
  const { guard } = createMachinePolicy({ options, scriptFolder, findSandbox });
  const request = {
    tool: 'terminal',
    arguments: {},
    sessionId: 's',
    callId: 'c',
    userId: 'u',
    origin: 'agent',
  } as const;
  const program = { file: '/bin/true', args: [], workingDirectory: '/', environment: {} };
  expect(await guard.confine(program, request)).toBe(program);
  expect(await guard.warningFor(request)).toContain('install the package bubblewrap');
  expect(await guard.warningFor(request)).toBeNull();
  expect(await guard.warningFor({ ...request, sessionId: 's2', origin: 'person' })).toBeNull();
  expect(await guard.warningFor({ ...request, sessionId: 's2' })).not.toBeNull();
  expect(() => guard.allowInput({ ...program, labels: { origin: 'agent' } }, request)).not.toThrow();
  expect(() => guard.allowInput({ ...program, labels: { origin: 'person' } }, request)).toThrow(/opened by a person/);
  expect(() => guard.allowPath(request, { realPath: '/tmp/navis-none/key', access: 'read' })).toThrow(/Navis itself/);
});
