/** The contract between hub, clients and machines: schemas, ids, errors, limits, wire. */
export * from './authentication.ts';
export * from './base64.ts';
export * from './binary-frame.ts';
export * from './client-messages.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './routes.ts';
export * from './terminal-manual.ts';
export * from './terminal-tool.ts';
export * from './tool-definitions.ts';
export * from './tool-result.ts';
export * from './node-entities.ts';
export * from './node-policy.ts';
export * from './node-handshake.ts';
