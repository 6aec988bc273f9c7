/** Tests that change what a process has but once never share it. */
import { expect, test } from 'vitest';
import { testsThatShareAProcess } from './shares-a-process.ts';

const shared = testsThatShareAProcess(new URL('../..', import.meta.url).pathname);

test('most tests share a process; those with a clock or an environment of their own do not', () => {
  expect(shared.length).toBeGreaterThan(100);
  expect(shared).toContain('packages/protocol/src/terminal-tool.test.ts');
  expect(shared).not.toContain('packages/client/src/live.test.ts');
  expect(shared).not.toContain('apps/daemon/src/agents/models/keyring/keyring.test.ts');
  expect(shared.filter((path) => path.includes('node_modules'))).toEqual([]);
});
