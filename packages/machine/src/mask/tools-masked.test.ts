/** The tools behave for an agent as for a person: what hides Navis's state changes nothing else (A7, N4). */
import { describe } from 'vitest';
import { hasSandbox } from '../sandbox/sandbox-target.fixture.ts';
import { codeExecSuite } from '../tools/code-exec.suite.ts';
import { terminalSuite } from '../tools/terminal.suite.ts';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';
import type { MakeTarget } from '../tools/terminal-target.fixture.ts';

const makeAgentsTarget: MakeTarget = async (options) => {
  const target = await makeLocalTarget(options);
  const { session } = target;
  return Object.assign(target, { session: (id?: string) => session(id, 'agent') });
};

describe.skipIf(!hasSandbox)('A7: for an agent', () => {
  terminalSuite(makeAgentsTarget, ['run', 'open', 'openShell'], { isSandboxed: true });
  codeExecSuite(makeAgentsTarget);
});
