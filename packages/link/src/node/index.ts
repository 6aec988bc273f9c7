/** Sockets of Node.js for the link. */
export * from './node-socket.ts';
