/** How a hub's name is found; what that takes is loaded for names that the system may not know, and no others. */
import type { FindOptions, FoundHub } from '@navisai/link/node';
import type { LookupFunction } from 'node:net';

/** `undefined` for names that only the system can know. */
export const lookupFor = (origin: string): LookupFunction | undefined => {
  if (!new URL(origin).hostname.endsWith('.local')) return undefined;
  return (hostname, options, callback) => {
    const look = async (): Promise<void> => {
      const { lookupLocal } = await import('@navisai/link/node');
      lookupLocal(hostname, options, callback);
    };
    void look();
  };
};

/** Hubs of the own network. Never rejects. */
export const findHubs = async (options?: FindOptions): Promise<FoundHub[]> =>
  (await import('@navisai/link/node')).findHubs(options);
