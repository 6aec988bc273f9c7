/** The program of the bridge: owns TCP 443 and forwards its bytes to the hub of this machine (I4). */
import { readEnvironment } from './environment.ts';
import { openBridge } from './bridge.ts';
import { parseFlags, usage } from './flags.ts';
import { listen } from './listen.ts';
import { BridgeError } from './bridge-error.ts';

const main = async (given: readonly string[]): Promise<number> => {
  try {
    const flags = parseFlags(given);
    if (flags === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    const environment = readEnvironment(flags.home);
    const say = (text: string): void => void process.stdout.write(`${text}\n`);
    const bridge = openBridge({ home: environment.home, target: flags.target, log: say });
    const places = await listen(bridge.server, { ...flags, inherited: environment.inherited });
    say(`The bridge forwards ${places} to the hub of ${environment.home}.`);
    await bridge.stopOn(['SIGTERM', 'SIGINT', 'SIGHUP']);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof BridgeError ? error.exitCode : 1;
  }
};

process.exitCode = await main(process.argv.slice(2));
