/** The command line of the bridge. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { BridgeError } from './bridge-error.ts';

export interface Flags {
  port: number;
  /** Empty: every address of this machine. */
  addresses: string[];
  home: string | undefined;
  /** The hub's loopback port for the bridge; default: as the hub tells it. */
  target: number | undefined;
}

export const usage = `Usage: navis-bridge [--port=N] [--listen=ADDRESS]… [--home=FOLDER] [--target=N]

  --port=N          TCP port to own; default 443
  --listen=ADDRESS  an address of this machine; default: all of them
  --home=FOLDER     home of the hub; beats NAVIS_HOME
  --target=N        the hub's loopback port for the bridge; default: as the hub tells it

Forwards bytes as they are: TLS ends at the hub. Takes sockets from systemd (LISTEN_FDS) instead of opening its own.
`;

const defaultPort = 443;
const maxAddresses = 16;

/** Throws BridgeError naming the flag. */
export const parseFlags = (given: readonly string[]): Flags | 'help' => {
  const { values } = parseStrictly(given);
  if (values.help === true) return 'help';
  const addresses = values.listen ?? [];
  const wrong = addresses.find((address) => isIP(address) === 0);
  if (wrong !== undefined)
    throw new BridgeError('usage', `--listen must be an IP address, not ${JSON.stringify(wrong.slice(0, 60))}.`);
  if (addresses.length > maxAddresses) throw new BridgeError('usage', `--listen: at most ${maxAddresses} are taken.`);
  if (values.home === '') throw new BridgeError('usage', '--home must name a folder.');
  return {
    port: values.port === undefined ? defaultPort : parsePort('--port', values.port, 0),
    addresses: [...new Set(addresses)],
    home: values.home,
    target: values.target === undefined ? undefined : parsePort('--target', values.target, 1),
  };
};

const parseStrictly = (given: readonly string[]) => {
  try {
    return parseArgs({
      args: [...given],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        listen: { type: 'string', multiple: true },
        home: { type: 'string' },
        target: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BridgeError('usage', error instanceof Error ? error.message : 'The flags are not valid.');
  }
};

const parsePort = (flag: string, text: string, min: number): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= min && port <= 65_535) return port;
  const shown = JSON.stringify(text.slice(0, 40));
  throw new BridgeError('usage', `${flag} must be a whole number from ${min} to 65535, not ${shown}.`);
};
