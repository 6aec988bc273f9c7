/** Remembers which nonces were used, within a bound, so that a signed request works once (I13). */

/** Nonces are forgotten slot by slot once their timestamps are too old to be accepted. */
const slotMs = 10_000;
/** Per device; beyond it the oldest slot is forgotten and timestamps as old as it are refused. */
const maxNoncesPerDevice = 100_000;

export type NonceVerdict = 'fresh' | 'used' | 'forgotten';

export interface NonceWindow {
  /** `forgotten`: so many nonces were used since that timestamp that it can no longer be told. */
  use(attempt: { deviceId: string; nonce: string; timestampMs: number }): NonceVerdict;
  /** Everything about timestamps before this is dropped. */
  forgetBefore(timestampMs: number): void;
}

interface DeviceNonces {
  slots: Map<number, Set<string>>;
  count: number;
  /** Timestamps before it are refused. */
  floorMs: number;
}

export const createNonceWindow = (maxNonces = maxNoncesPerDevice): NonceWindow => {
  const devices = new Map<string, DeviceNonces>();
  let forgottenBeforeMs = 0;

  const dropSlot = (nonces: DeviceNonces, slot: number): void => {
    nonces.count -= nonces.slots.get(slot)?.size ?? 0;
    nonces.slots.delete(slot);
    nonces.floorMs = Math.max(nonces.floorMs, (slot + 1) * slotMs);
  };

  return {
    use({ deviceId, nonce, timestampMs }) {
      const nonces = devices.get(deviceId) ?? { slots: new Map(), count: 0, floorMs: 0 };
      if (timestampMs < nonces.floorMs) return 'forgotten';
      // Whatever its timestamp: a nonce works once.
      if (nonces.slots.values().some((used) => used.has(nonce))) return 'used';
      const slot = Math.floor(timestampMs / slotMs);
      devices.set(deviceId, nonces);
      nonces.slots.set(slot, (nonces.slots.get(slot) ?? new Set<string>()).add(nonce));
      nonces.count += 1;
      if (nonces.count > maxNonces) dropSlot(nonces, Math.min(...nonces.slots.keys()));
      return 'fresh';
    },

    forgetBefore(timestampMs) {
      // Only whole slots go, so there is nothing to look for more often.
      if (timestampMs - forgottenBeforeMs < slotMs) return;
      forgottenBeforeMs = timestampMs;
      for (const [deviceId, nonces] of devices) {
        for (const slot of nonces.slots.keys()) if ((slot + 1) * slotMs <= timestampMs) dropSlot(nonces, slot);
        if (nonces.slots.size === 0) devices.delete(deviceId);
      }
    },
  };
};
