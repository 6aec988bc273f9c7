/** The orderly end of a hub: sockets are told, terminals are ended or left, everything is closed, in bounded time. */
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

export const createStop = ({ services, release }: StopParts) => {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;

  const run = async ({ keep }: StopHow): Promise<void> => {
    const { hub, beginStop } = services;
    hub.log.info({ keep }, 'the hub stops');
    beginStop();
    if (!keep)
      await within(hub.machine.shutdown(), { ms: terminalsDeadlineMs, what: 'ending the terminals', services });
    await within(release(), { ms: releaseDeadlineMs, what: 'closing', services });
    resolve();
  };

  return { stopped, stop: (how: StopHow): Promise<void> => (running ??= run(how)) };
};

interface Bound {
  ms: number;
  what: string;
  services: HubServices;
}

/** Never rejects: what fails while stopping is logged, and the rest is stopped all the same. */
const within = async (work: Promise<void>, { ms, what, services }: Bound): Promise<void> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms);
  try {
    await Promise.race([work, tooLate]);
  } catch (error) {
    services.hub.log.error({ err: error, what }, 'stopping');
  } finally {
    clearTimeout(timer);
  }
};
