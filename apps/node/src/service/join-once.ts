/** Joins before a service is made, so that the one-time key never lies on the disk. */
import { NavisError } from '@navisai/protocol';
import { withDeadline } from '@navisai/service';
import { startNode } from '../run/start-node.ts';
import type { Settings } from '../settings/settings.ts';

const joinDeadlineMs = 30_000;

/** Rejects NavisError with what the hub says, or when it does not answer. */
export const joinOnce = async (settings: Settings, say: (text: string) => void): Promise<void> => {
  const node = await startNode({ settings, say });
  const limit = { ms: joinDeadlineMs, what: 'joining the hub' };
  try {
    const refusal = await withDeadline(Promise.race([node.connected, node.ended]), limit);
    if (refusal !== undefined) throw refusal;
  } catch (error) {
    throw error instanceof NavisError
      ? error
      : new NavisError('HUB_UNREACHABLE', 'The hub does not answer; nothing was installed.', { cause: error });
  } finally {
    node.stop({ keep: node.machine.terminals().some(({ status }) => status === 'busy') });
    await node.ended;
  }
};
