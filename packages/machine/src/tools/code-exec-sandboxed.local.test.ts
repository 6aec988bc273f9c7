/** The tool `code_exec` behaves the same inside of a sandbox (N4, N12, P5). */
import { describe } from 'vitest';
import { hasSandbox, makeSandboxedTarget } from '../sandbox/sandbox-target.fixture.ts';
import { codeExecSuite } from './code-exec.suite.ts';

describe.skipIf(!hasSandbox)('N12: with a ceiling that lets write the home directory', () => {
  codeExecSuite(makeSandboxedTarget);
});
