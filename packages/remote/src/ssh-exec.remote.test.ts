/** The tool `ssh_exec` on a remote machine (N4). */
import { sshExecSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

sshExecSuite(makeRemoteTarget);
