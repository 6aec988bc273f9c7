/** The target of the behavioural suites on the other side of a link: this computer's machine, served to a remote end (N4). */
import { setImmediate } from 'node:timers/promises';
import { makeLocalTarget, sessionOf } from '@navisai/machine/suites';
import { newId } from '@navisai/protocol';
import type { MakeTarget } from '@navisai/machine/suites';
import { nodeId, RemotePair } from './remote-pair.fixture.ts';

/** `restart` ends the program that serves the machine and starts another; the hub's end stays. */
export const makeRemoteTarget: MakeTarget = async (options = {}) => {
  const local = await makeLocalTarget({ nodeId, ...options });
  const pair = new RemotePair({ machine: local.machine });
  await pair.connect();
  const target = {
    machine: pair.remote,
    nodeId,
    home: local.home,
    events: pair.events,
    session: (id = newId('session'), origin?: 'person' | 'agent') =>
      sessionOf(() => pair.remote, id, { usualOrigin: origin, nodeId }),
    async restart() {
      // What was told before is heard before.
      await setImmediate();
      await pair.service[Symbol.asyncDispose]();
      await local.restart();
      pair.serve(local.machine);
      await pair.connect();
    },
    async [Symbol.asyncDispose]() {
      await pair[Symbol.asyncDispose]();
      await local[Symbol.asyncDispose]();
    },
  };
  return target;
};
