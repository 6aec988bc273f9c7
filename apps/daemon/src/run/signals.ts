/** What signals mean to a hub: end with the terminals, end without them, or end at once (I12). */
import type { RunningHub } from '../start-hub.ts';
import type { StopHow } from './stop.ts';

/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. A later one does not wait for an orderly end. */
const sameKeyMs = 300;
const forcedExitCode = 130;

export const stopOnSignals = (hub: RunningHub, onStopping: (how: StopHow) => void): void => {
  let interruptedAt: number | undefined;
  let isStopping = false;

  const stop = (how: StopHow): void => {
    if (!isStopping) onStopping(how);
    isStopping = true;
    void hub.stop(how);
  };

  process.on('SIGINT', () => {
    const now = performance.now();
    if (interruptedAt !== undefined && now - interruptedAt > sameKeyMs) process.exit(forcedExitCode);
    interruptedAt ??= now;
    stop({ keep: false });
  });
  process.on('SIGTERM', () => stop({ keep: false }));
  // The terminal was closed, or somebody restarts the hub: what runs in it is not the hub's to end.
  process.on('SIGHUP', () => stop({ keep: true }));
};
