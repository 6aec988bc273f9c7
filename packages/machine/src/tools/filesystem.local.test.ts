/** The tool `filesystem` on this machine. */
import { filesystemSuite } from './filesystem.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

filesystemSuite(makeLocalTarget);
