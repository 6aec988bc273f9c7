/** The tool `terminal` on this machine: open-shell. */
import { terminalSuite } from './terminal.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

terminalSuite(makeLocalTarget, ['openShell']);
