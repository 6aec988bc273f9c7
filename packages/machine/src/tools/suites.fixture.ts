/** The behavioural suites of the tools, for whatever else executes them (N4); tests only. */
export { makeLocalTarget, sessionOf } from './terminal-target.fixture.ts';
export type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';
export { terminalSuite } from './terminal.suite.ts';
