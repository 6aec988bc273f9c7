/** Resolves the hub's name: by the system, and names of the own network by multicast DNS as well (I16). */
import { lookup as lookupBySystem } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { findHubs } from './multicast-names.ts';

/** `undefined` for names that only the system can know. */
export const lookupFor = (origin: string): LookupFunction | undefined =>
  new URL(origin).hostname.endsWith('.local') ? lookupLocal : undefined;

/** A name of the own network. */
export const lookupLocal: LookupFunction = (hostname, options, callback) => {
  const answer = async (): Promise<void> => {
    const address = await resolveLocal(hostname);
    if (address === undefined) {
      const message = `No machine of this network answers to the name ${hostname}.`;
      callback(Object.assign(new Error(message), { code: 'ENOTFOUND', hostname }), '', 4);
    } else if (options.all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  void answer();
};

/** Whoever knows first: a system that asks name servers for `.local` may need many seconds to fail. */
const resolveLocal = async (hostname: string): Promise<string | undefined> => {
  try {
    return await Promise.any([bySystem(hostname), byMulticast(hostname)]);
  } catch {
    return undefined;
  }
};

const bySystem = async (hostname: string): Promise<string> => (await lookupBySystem(hostname, { family: 4 })).address;

const byMulticast = async (hostname: string): Promise<string> => {
  const isWanted = ({ host, addresses }: { host: string; addresses: string[] }): boolean =>
    host === hostname.toLowerCase() && addresses.length > 0;
  const address = (await findHubs({ isWanted })).find(isWanted)?.addresses[0];
  if (address === undefined) throw new Error('nobody answered');
  return address;
};
