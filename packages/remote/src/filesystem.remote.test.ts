/** The tool `filesystem`, and files on their way between machines, on a remote machine (N4). */
import { filesystemSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

filesystemSuite(makeRemoteTarget);
