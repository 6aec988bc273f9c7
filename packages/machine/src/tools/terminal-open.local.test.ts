/** The tool `terminal` on this machine: open and close. */
import { terminalSuite } from './terminal.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

terminalSuite(makeLocalTarget, ['open', 'close']);
