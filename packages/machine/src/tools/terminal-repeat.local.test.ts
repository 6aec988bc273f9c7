/** The tool `terminal` on this machine: repeat. */
import { terminalSuite } from './terminal.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

terminalSuite(makeLocalTarget, ['repeat']);
