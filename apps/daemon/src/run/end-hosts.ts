/** Ends the terminals that a dead hub left behind (`navisai down` after a crash, I12). */
import type { Config } from '../settings/config.ts';
import { openFoundation } from './foundation.ts';
import { openMachine } from './open-machine.ts';

/** Rejects NavisError CONFLICT while a hub runs: it must be asked instead. */
export const endHosts = async (config: Config): Promise<number> => {
  using foundation = await openFoundation(config);
  await using machine = openMachine(config, foundation.logs.log);
  await machine.start();
  await machine.shutdown();
  return 0;
};
