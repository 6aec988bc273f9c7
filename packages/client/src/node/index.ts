/** What clients in Node.js have beyond the rest: the host's key, `node:https`, `ws`. */
export * from './connect-host.ts';
export * from './host-device.ts';
export * from './lookup.ts';
export * from './node-http.ts';
