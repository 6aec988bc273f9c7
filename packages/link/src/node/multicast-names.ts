/** Finds hubs of the own network by multicast DNS: the system's resolver often cannot (I16). */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface FoundHub {
  /** Such as `navis.local`. */
  host: string;
  /** Of the machine that answered; the one that answered first. */
  addresses: string[];
  port: number;
  /** As the hub tells it; untrusted until its certificate was checked. */
  origin: string | undefined;
  version: string | undefined;
}

export interface FindOptions {
  /** Ends the search at the first hub for which this is true. */
  isWanted?: (hub: FoundHub) => boolean;
  timeoutMs?: number;
}

/** Answers of a network come in well under a second; the second question is for a lost packet. */
const defaultTimeoutMs = 2_500;
const askAgainMs = 700;
/** A hostile network shall not fill the memory. */
const maxHubs = 50;

/** Asks on every network of this machine. Never rejects: a machine without a network finds nothing. */
export const findHubs = async ({ isWanted, timeoutMs = defaultTimeoutMs }: FindOptions = {}): Promise<FoundHub[]> => {
  // The newest versions export it by name and as default; loaded here, as most commands never need it.
  const { Bonjour } = await import('bonjour-service');
  const found = new Map<string, FoundHub>();
  const done = Promise.withResolvers<void>();
  const take = (hub: FoundHub): void => {
    if (found.size >= maxHubs) return;
    found.set(`${hub.host} ${hub.addresses.join(' ')}`, hub);
    if (isWanted?.(hub) === true) done.resolve();
  };
  const seekers = ownAddresses().map((address) => {
    // Bound to all addresses: a socket that is bound to one does not hear answers to the group.
    const seeker = new Bonjour({ interface: address, bind: '0.0.0.0' } as object, () => undefined);
    const browser = seeker.find({ type: 'navisai' }, (service) => take(describe(service)));
    return { seeker, browser };
  });
  const again = setInterval(() => seekers.forEach(({ browser }) => browser.update()), askAgainMs);
  const timer = setTimeout(done.resolve, seekers.length === 0 ? 0 : timeoutMs);
  await done.promise;
  clearInterval(again);
  clearTimeout(timer);
  for (const { seeker, browser } of seekers) {
    browser.stop();
    seeker.destroy();
  }
  return [...found.values()];
};

interface Service {
  host: string;
  port: number;
  addresses?: string[];
  referer?: { address: string };
  txt?: unknown;
}

const describe = ({ host, port, addresses = [], referer, txt }: Service): FoundHub => {
  // Whoever answered is reachable from here, which not all of its addresses need be.
  const first = referer === undefined ? [] : [referer.address];
  return {
    host: host.toLowerCase().replace(/\.$/, ''),
    port,
    addresses: [...new Set([...first.filter((one) => addresses.includes(one)), ...addresses])].filter(isIPv4),
    origin: textOf(txt, 'origin'),
    version: textOf(txt, 'version'),
  };
};

const textOf = (txt: unknown, key: string): string | undefined => {
  const value = typeof txt === 'object' && txt !== null ? (txt as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value.slice(0, 300) : undefined;
};

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one !== undefined && one.family === 'IPv4' ? [one.address] : []));
