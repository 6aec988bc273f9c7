/** The tool `ssh_exec` on this machine. */
import { sshExecSuite } from './ssh-exec.suite.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

sshExecSuite(makeLocalTarget);
