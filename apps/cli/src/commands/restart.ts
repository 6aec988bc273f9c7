/** `navisai restart`: stops the hub and starts it again; terminals notice nothing. */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { openLocalHub } from '../hub/connect.ts';
import { locateHub } from '../hub/locate.ts';
import { startHere } from '../hub/start-here.ts';
import { stopHub } from '../hub/stop-hub.ts';
import { printable } from '../output/printable.ts';

const probeTimeoutMs = 3_000;

export const restart = defineCommand({
  isLocal: true,
  summary: 'Restart the hub; terminals go on.',
  details: 'The hub keeps its port. Works with a hung hub too, and starts one that was not running.',
  examples: [{ command: 'navisai restart', note: 'after a change of the configuration' }],
  flags: {},
  async run({ output }) {
    const { home } = readEnvironment();
    const condition = await locateHub(home, probeTimeoutMs);
    const outcome = await stopHub({ home, condition, keep: true, connect: () => openLocalHub(home) });
    const started = await startHere({ home, earlierPort: condition.kind === 'dead' ? undefined : condition.port });
    const { pid, status, origin, notices } = started;
    output.result({ restarted: true, how: outcome.how, origin, pid, notices, status: status.status }, () => [
      `${output.colors.green('●')} The hub runs again on ${origin} (process ${pid}); terminals were kept.`,
      ...notices.map((notice) => `  ${output.colors.yellow('!')} ${printable(notice)}`),
    ]);
    return status.status === 'degraded' ? 7 : 0;
  },
});
