/** Sockets of Node.js for the link, and how the hub's name is found. */
export * from './node-socket.ts';
export * from './lookup.ts';
export * from './multicast-names.ts';
