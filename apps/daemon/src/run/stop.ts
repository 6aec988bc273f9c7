/** The orderly end of a hub: sockets are told, terminals are ended or left, everything is closed, in bounded time. */
import { withDeadline } from '@navisai/service';
import type { HubServices } from '../create-hub.ts';

export interface StopHow {
  /** Terminals go on for the next start. */
  keep: boolean;
}

export interface StopParts {
  services: HubServices;
  /** Closes whatever was opened, in reverse order. */
  release(): Promise<void>;
}

/** Terminals get TERM, then KILL after 5 s; ten sessions full of them are still ended in this time. */
const terminalsDeadlineMs = 15_000;
const releaseDeadlineMs = 5000;
/** Marks what agents do as interrupted. */
const leaveDeadlineMs = 3000;

export const createStop = ({ services, release }: StopParts) => {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;

  const run = async ({ keep }: StopHow): Promise<void> => {
    const { hub, agents, beginStop } = services;
    hub.log.info({ keep }, 'the hub stops');
    beginStop();
    await attempt(withDeadline(agents.leave(), { ms: leaveDeadlineMs, what: 'leaving what agents do' }), services);
    const ending = { ms: terminalsDeadlineMs, what: 'ending the terminals' };
    if (!keep) await attempt(withDeadline(hub.machine.shutdown(), ending), services);
    await attempt(withDeadline(release(), { ms: releaseDeadlineMs, what: 'closing' }), services);
    resolve();
  };

  return { stopped, stop: (how: StopHow): Promise<void> => (running ??= run(how)) };
};

/** Never rejects: what fails while stopping is logged, and the rest is stopped all the same. */
const attempt = async (work: Promise<void>, { hub }: HubServices): Promise<void> => {
  try {
    await work;
  } catch (error) {
    hub.log.error({ err: error }, 'stopping');
  }
};
