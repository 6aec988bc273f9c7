/** Routes about devices and how they are paired (I14). */
import { NavisError } from '@navisai/protocol';
import type { Handlers, RouteCall } from '../http/handler.types.ts';
import type { Devices } from '../services/devices.ts';
import type { Pairing } from '../services/pairing/pairing.ts';

export type DeviceHandlers = Pick<
  Handlers,
  | 'pairingRequest'
  | 'pairingStart'
  | 'pairingStatus'
  | 'openPairing'
  | 'closePairing'
  | 'whoAmI'
  | 'devices'
  | 'revokeDevice'
>;

export const deviceHandlers = ({ devices, pairing }: { devices: Devices; pairing: Pairing }): DeviceHandlers => {
  const request = ({ body, peer }: Pick<RouteCall<'pairingRequest'>, 'body' | 'peer'>) =>
    pairing.request({ ...body, peer });
  return {
    pairingRequest: request,
    pairingStart: request,
    pairingStatus: ({ body }) => pairing.statusOf(body.pairingId),
    openPairing: ({ body }) => pairing.open({ scope: body.scope ?? 'admin' }),
    closePairing: () => pairing.close(),
    whoAmI: (call) => call.device,
    devices: async () => ({ devices: await devices.list() }),
    async revokeDevice({ params }) {
      if (devices.find(params.id)?.device.kind === 'host')
        throw new NavisError(
          'CONFLICT',
          "The host's own device cannot be revoked: it is how a lost device is replaced.",
        );
      return devices.revoke(params.id);
    },
  };
};
