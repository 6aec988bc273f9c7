/** What agents start on a remote machine cannot reach Navis's own state there (A7, N4). */
import { maskSuite } from '@navisai/machine/suites';
import { makeRemoteTarget } from './remote-target.fixture.ts';

maskSuite(makeRemoteTarget);
