/** Tells the hub that this machine leaves it, so that its list of nodes says so; proven like every connection of a node (N2). */
import { describePlatform, sandboxKind } from '@navisai/machine';
import { nodeCloseCodes } from '@navisai/protocol';
import type { Membership } from '../join/membership.ts';
import type { NodeKeyPair } from '../join/node-key.ts';
import { ownVersion } from '../own-package.ts';
import type { Settings } from '../settings/settings.ts';
import { dialHub } from './dial.ts';

/** Leaving must not wait for a hub that is away. */
const deadlineMs = 3_000;

export interface Goodbye {
  membership: Membership;
  keyPair: NodeKeyPair;
  binding: Settings['binding'];
  hubUrl: string;
}

/** Resolves with whether the hub knows; never rejects. */
export const sayGoodbye = async ({ membership, keyPair, binding, hubUrl }: Goodbye): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const deadline = setTimeout(() => resolve(false), deadlineMs);
  const { nodeId, hubId } = membership;
  const self = { bootId: crypto.randomUUID(), epoch: null, version: ownVersion(), secret: undefined };
  const platform = describePlatform(await sandboxKind());
  let hasSaid = false;
  const dialling = dialHub(
    { hubUrl, facts: { nodeId, hubId, keyPair, binding, platform, ...self } },
    {
      onWelcome: async () => undefined,
      onOpen: (socket) => {
        hasSaid = true;
        socket.send(JSON.stringify({ type: 'leave' }));
      },
      onFrame: () => undefined,
      // It was revoked or removed before: the hub knows as well.
      onRefused: ({ code, isProven }) => resolve(isProven && (code === 'NODE_REVOKED' || code === 'NODE_KEY')),
      onClose: ({ code }) => resolve(hasSaid && code === nodeCloseCodes.revoked),
    },
  );
  dialling.catch(() => resolve(false));
  const isKnown = await promise;
  clearTimeout(deadline);
  void dialling.then((socket) => socket.close()).catch(() => undefined);
  return isKnown;
};
