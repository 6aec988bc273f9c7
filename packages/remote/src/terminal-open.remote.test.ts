/** The tool `terminal`: open and close on a remote machine (N4). */
import { terminalSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

terminalSuite(makeRemoteTarget, ['open', 'close']);
