/** One logical connection over many sockets, and what can carry it. */
export * from './browser-socket.ts';
export * from './link.ts';
export * from './link.types.ts';
export * from './memory-network.ts';
export * from './socket.types.ts';
