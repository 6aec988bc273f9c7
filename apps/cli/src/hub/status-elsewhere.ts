/** `navisai status` of a hub on another machine: what it tells everybody, and whether this CLI is let in. */
import { formatDuration } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { openKnownHub, unreachableElsewhere } from './connect.ts';
import type { KnownHub } from './known-hubs.ts';

const answerDeadlineMs = 10_000;
const degradedExitCode = 7;

/** Resolves with the exit code; rejects with a CommandError when it cannot be reached. */
export const statusElsewhere = async (known: KnownHub, output: Output): Promise<number> => {
  const connection = await openKnownHub(known);
  try {
    const status = await connection.api.status(undefined, { timeoutMs: answerDeadlineMs });
    const device = await connection.api.whoAmI(undefined, { timeoutMs: answerDeadlineMs }).catch(() => undefined);
    const { name, origin } = known;
    output.result({ running: true, hub: name, origin, device: device ?? null, ...status, state: status.status }, () => [
      `${status.status === 'ok' ? output.colors.green('●') : output.colors.yellow('●')} The hub ${name} runs on ${origin}`,
      `  version ${printable(status.version)}, up ${formatDuration(Date.parse(status.serverTime) - Date.parse(status.startedAt))}`,
      device === undefined
        ? `  This CLI is not let in: navisai login ${origin}`
        : `  as ${printable(device.name)} (${device.scope})`,
    ]);
    return status.status === 'degraded' ? degradedExitCode : 0;
  } catch (error) {
    throw unreachableElsewhere(known, error);
  } finally {
    connection.close();
  }
};
