/** The behaviour of the tool `terminal`, the same for every target that executes it (N4). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { terminalManual } from '@navisai/protocol';
import { closeSuite } from './suites/close.suite.ts';
import { openShellSuite } from './suites/open-shell.suite.ts';
import { openSuite } from './suites/open.suite.ts';
import { repeatSuite } from './suites/repeat.suite.ts';
import { runSuite } from './suites/run.suite.ts';
import { stateSuite } from './suites/state.suite.ts';
import type { MakeTarget, TargetTraits, TerminalTarget } from './terminal-target.fixture.ts';

const parts = {
  run: runSuite,
  open: openSuite,
  close: closeSuite,
  state: stateSuite,
  openShell: openShellSuite,
  repeat: repeatSuite,
} as const;

/** Each part can stand in a test file of its own, so that they run side by side. */
export const terminalSuite = (
  makeTarget: MakeTarget,
  chosen: readonly (keyof typeof parts)[],
  traits: TargetTraits = { isSandboxed: false },
): void => {
  describe('terminal', () => {
    let made: TerminalTarget | undefined;
    const target = (): TerminalTarget => {
      if (made === undefined) throw new Error('The target is not made yet.');
      return made;
    };
    beforeAll(async () => {
      made = await makeTarget();
    });
    afterAll(async () => made?.[Symbol.asyncDispose]());
    for (const part of chosen) parts[part](target, traits);

    test('T28: tool_manual gives agents the manual', async () => {
      const call = { tool: 'tool_manual', sessionId: target().session().id, userId: 'u', origin: 'agent' } as const;
      const result = await target().machine.execute({ ...call, callId: 'manual-1', arguments: { tool: 'terminal' } });
      expect(result).toMatchObject({ success: true, output: terminalManual() });
      const unknown = await target().machine.execute({ ...call, callId: 'manual-2', arguments: { tool: 'x' } });
      expect(unknown).toMatchObject({ success: false, error: { code: 'INVALID_ARGUMENT', field: 'tool' } });
    });
  });
};
