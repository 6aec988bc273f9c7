/** The tool `terminal` on a remote machine: open and close (N4). */
import { terminalSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

terminalSuite(makeRemoteTarget, ['open', 'close']);
