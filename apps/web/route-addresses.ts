/** Gives the page the addresses of the contract's routes without their schemas, which only the hub needs. */
import * as contract from '@navisai/protocol';
import type { Plugin } from 'vite';

const routeTable = /\/packages\/protocol\/src\/routes\.ts$/;

/** Everything that the module of the route table exports; of each route what a caller needs. */
const addresses = {
  routes: Object.fromEntries(
    Object.entries(contract.routes).map(([name, { method, path, access, contentType }]: [string, contract.Route]) => [
      name,
      { method, path, access, contentType },
    ]),
  ),
  socketPath: contract.socketPath,
  socketCloseUnauthorized: contract.socketCloseUnauthorized,
  socketCloseRevoked: contract.socketCloseRevoked,
  protocolVersion: contract.protocolVersion,
};

export const routeAddresses = (): Plugin => ({
  name: 'navis-route-addresses',
  enforce: 'pre',
  load: {
    filter: { id: routeTable },
    handler: () =>
      Object.entries(addresses)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
        .join(''),
  },
});
