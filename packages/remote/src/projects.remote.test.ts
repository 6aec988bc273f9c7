/** Projects of a remote machine (I18, N4). */
import { projectsSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

projectsSuite(makeRemoteTarget);
