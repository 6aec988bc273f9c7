/** What signals mean to a hub: end with the terminals, end without them, or end at once (I12). */
import type { RunningHub } from '../start-hub.ts';
import type { StopHow } from './stop.ts';

/** A second Ctrl-C within this time does not wait for an orderly end. */
const forceWithinMs = 2000;
const forcedExitCode = 130;

export const stopOnSignals = (hub: RunningHub, onStopping: (how: StopHow) => void): void => {
  let interruptedAt = Number.NEGATIVE_INFINITY;
  let isStopping = false;

  const stop = (how: StopHow): void => {
    if (!isStopping) onStopping(how);
    isStopping = true;
    void hub.stop(how);
  };

  process.on('SIGINT', () => {
    const now = performance.now();
    if (now - interruptedAt <= forceWithinMs) process.exit(forcedExitCode);
    interruptedAt = now;
    stop({ keep: false });
  });
  process.on('SIGTERM', () => stop({ keep: false }));
  // The terminal was closed, or somebody restarts the hub: what runs in it is not the hub's to end.
  process.on('SIGHUP', () => stop({ keep: true }));
};
