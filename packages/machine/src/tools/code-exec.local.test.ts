/** The tool `code_exec` on this machine. */
import { codeExecSuite } from './code-exec.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

codeExecSuite(makeLocalTarget);
