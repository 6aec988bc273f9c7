/** The behavioural suites of the tools, for whatever else executes them (N4); tests only. */
export { codeExecSuite } from './code-exec.suite.ts';
export { filesystemSuite } from './filesystem.suite.ts';
export { maskSuite } from './mask.suite.ts';
export { projectsSuite } from './projects.suite.ts';
export { sshExecSuite } from './ssh-exec.suite.ts';
export { makeLocalTarget, sessionOf } from './terminal-target.fixture.ts';
export type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';
export { terminalSuite } from './terminal.suite.ts';
