/** The tool `terminal` on a remote machine: state (N4). */
import { terminalSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

terminalSuite(makeRemoteTarget, ['state']);
