/** How a node that serves comes to its end: asked to, or not wanted by its hub. */
import type { Machine } from '@navisai/machine';
import type { ErrorCode, NavisError } from '@navisai/protocol';
import type { Logger } from 'pino';
import { withDeadline } from '@navisai/service';

export interface StopHow {
  /** Terminals go on for the next start. */
  keep: boolean;
}

export interface RunningNode {
  readonly machine: Machine;
  readonly log: Logger;
  /** Resolves at the first welcome. */
  readonly connected: Promise<undefined>;
  /** Resolves when everything is closed: with why, when the hub does not want this node. */
  readonly ended: Promise<NavisError | undefined>;
  stop(how: StopHow): void;
}

/** Terminals get TERM, then KILL after 5 s. */
const terminalsDeadlineMs = 15_000;
const releaseDeadlineMs = 5000;
/** What it left running may still be of use when a person starts the node again. */
const mayComeBack: ReadonlySet<ErrorCode> = new Set(['NODE_REPLACED', 'VERSION_MISMATCH']);

export const controlNode = (parts: {
  machine: Machine;
  log: Logger;
  connected: Promise<undefined>;
  refused: Promise<NavisError>;
  hasJoined(): boolean;
  opened: AsyncDisposableStack;
}): RunningNode => {
  const { machine, log, opened, hasJoined } = parts;
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  let isStopping = false;
  const attempt = async (work: Promise<void>, limit: { ms: number; what: string }): Promise<void> => {
    try {
      await withDeadline(work, limit);
    } catch (error) {
      log.error({ err: error }, 'stopping');
    }
  };
  const finish = async ({ keep }: StopHow): Promise<void> => {
    log.info({ keep }, 'the node stops');
    if (!keep) await attempt(machine.shutdown(), { ms: terminalsDeadlineMs, what: 'ending the terminals' });
    await attempt(opened.disposeAsync(), { ms: releaseDeadlineMs, what: 'closing' });
  };
  const stop = (how: StopHow): void => {
    if (isStopping) return;
    isStopping = true;
    void finish(how).then(() => resolve(undefined));
  };
  const refusedAndClosed = parts.refused.then(async (error) => {
    isStopping = true;
    log.error({ code: error.code, reason: error.message }, 'the hub does not want this node');
    const hasWork = machine.terminals().some(({ status }) => status === 'busy');
    await finish({ keep: hasJoined() && (hasWork || mayComeBack.has(error.code)) });
    return error;
  });
  return { machine, log, stop, connected: parts.connected, ended: Promise.race([stopped, refusedAndClosed]) };
};
