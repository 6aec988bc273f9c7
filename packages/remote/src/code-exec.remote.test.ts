/** The tool `code_exec` on a remote machine (N4). */
import { codeExecSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

codeExecSuite(makeRemoteTarget);
