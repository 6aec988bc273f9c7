/** Opens the port, or takes the sockets that systemd opened, and says plainly why that cannot be (I4). */
import { type AddressInfo, createServer, isIPv6, type Server } from 'node:net';
import { BridgeError } from './bridge-error.ts';

export interface Places {
  port: number;
  /** Empty: every address. */
  addresses: readonly string[];
  /** Listening sockets of systemd; they count instead of the rest. */
  inherited: readonly number[];
}

/** An address of our own, or a socket that is open already. */
interface Place {
  host?: string;
  port?: number;
  ipv6Only?: boolean;
  fd?: number;
}

/** What is listened on, for the person. Rejects BridgeError. */
export const listen = async (server: Server, { port, addresses, inherited }: Places): Promise<string> => {
  const wanted: Place[] =
    inherited.length > 0
      ? inherited.map((fd) => ({ fd }))
      : addresses.length > 0
        ? addresses.map((host) => ({ host, port, ipv6Only: isIPv6(host) }))
        : [{ host: '::', port }];
  const [first, ...others] = wanted;
  if (first === undefined) throw new BridgeError('usage', 'There is nothing to listen on.');
  await listenOn(server, first);
  // Further addresses hand their connections to the first: its bounds hold for all together.
  for (const other of others) await listenBeside(server, other);
  return inherited.length > 0 ? `the sockets of systemd (${describe(server)})` : `port ${portOf(server)}`;
};

const listenBeside = async (server: Server, place: Place): Promise<void> => {
  const beside = createServer({ allowHalfOpen: true }, (socket) => server.emit('connection', socket));
  if (server.maxConnections !== undefined) beside.maxConnections = server.maxConnections;
  server.once('close', () => beside.close());
  const port = place.port === 0 ? portOf(server) : place.port;
  await listenOn(beside, { ...place, ...(place.port === undefined ? {} : { port }) });
};

const listenOn = async (server: Server, place: Place): Promise<void> => {
  try {
    await attempt(server, place);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A machine without IPv6.
    if ((code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL') && place.host === '::')
      return listenOn(server, { ...place, host: '0.0.0.0' });
    throw explain(code, place, error);
  }
};

const attempt = (server: Server, place: Place): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      resolve();
    });
  });

const explain = (code: unknown, { port, host, fd }: Place, error: unknown): Error => {
  const text = error instanceof Error ? error.message : String(error);
  if (fd !== undefined) return new BridgeError('usage', `The socket ${fd} of LISTEN_FDS cannot be used: ${text}`);
  switch (code) {
    case 'EADDRINUSE':
      return new BridgeError(
        'conflict',
        `Port ${port} is taken by another program. The bridge was not started.\nFind it: ss -ltnp 'sport = :${port}'`,
      );
    case 'EACCES':
    case 'EPERM':
      return new BridgeError(
        'notAllowed',
        `This user may not own port ${port}. The bridge was not started.\nIt needs CAP_NET_BIND_SERVICE or a socket of systemd: navisai setup`,
      );
    case 'EADDRNOTAVAIL':
      return new BridgeError('usage', `--listen: ${host} is not an address of this machine.`);
    default:
      return new BridgeError('usage', `Port ${port} cannot be opened: ${text}`);
  }
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const describe = (server: Server): string => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `port ${address.port}` : 'a socket';
};
