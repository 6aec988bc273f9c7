/** The hub for its clients: typed calls, signing, live events, terminals and the home screen's state. */
export type { LinkState } from '@navisai/link';
export * from './api.ts';
export * from './api.types.ts';
export * from './connect-hub.ts';
export * from './fetch-http.ts';
export * from './home-fold.ts';
export * from './home.ts';
export * from './home.types.ts';
export * from './http.types.ts';
export * from './hub-clock.ts';
export * from './live.ts';
export * from './live.types.ts';
export * from './signer.ts';
export * from './terminal-view.types.ts';
