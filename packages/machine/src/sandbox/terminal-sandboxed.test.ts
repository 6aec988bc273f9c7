/** The tool `terminal` behaves the same inside of a sandbox (N4, N12). */
import { describe } from 'vitest';
import { terminalSuite } from '../tools/terminal.suite.ts';
import { hasSandbox, makeSandboxedTarget } from './sandbox-target.fixture.ts';

describe.skipIf(!hasSandbox)('N12: with a ceiling that lets write the home directory', () => {
  terminalSuite(makeSandboxedTarget, ['run', 'open', 'close', 'state', 'openShell'], {
    isSandboxed: true,
  });
});
