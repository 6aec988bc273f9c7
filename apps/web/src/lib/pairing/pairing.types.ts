/** The states of pairing as a person sees them (I14). */
import type { PairedDevice } from '../device/device-storage.ts';

export type PairingState =
  /** Looking for a request that a reload interrupted. */
  | { kind: 'starting' }
  /** There is neither a link's token nor a request under way. */
  | { kind: 'noToken' }
  | { kind: 'naming'; problem: string | undefined }
  | { kind: 'requesting' }
  | { kind: 'waiting'; name: string; shortCode: string; expiresAt: string; isHubSilent: boolean }
  | { kind: 'paired'; device: PairedDevice }
  | { kind: 'ended'; reason: PairingEnd };

export type PairingEnd = 'rejected' | 'expired' | 'linkVoid' | 'foreignCode' | 'noEd25519';

export interface PairingEndWords {
  title: string;
  text: string;
}

export const describePairingEnd = (reason: PairingEnd): PairingEndWords => {
  switch (reason) {
    case 'rejected':
      return {
        title: 'Pairing was rejected',
        text: 'Somebody answered no. If that was a mistake, make a new link and try again.',
      };
    case 'expired':
      return {
        title: 'This took too long',
        text: 'Nobody approved within ten minutes. Make a new link and try again.',
      };
    case 'linkVoid':
      return {
        title: 'This link no longer works',
        text: 'A pairing link works once, for ten minutes, and only until a newer one is made.',
      };
    case 'foreignCode':
      return {
        title: 'Do not continue',
        text: 'The hub showed another code than this browser computed: something sits between the two. Nothing was paired.',
      };
    case 'noEd25519':
      return {
        title: 'This browser is too old',
        text: 'It cannot keep an Ed25519 key. Use Chrome 137, Safari 17, Firefox 129 or newer, over https.',
      };
  }
};
