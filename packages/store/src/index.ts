/** What the hub keeps: ports and adapters for sessions, events, devices, approvals and pairings. */
export type * from './access.types.ts';
export * from './conversations.types.ts';
export * from './event-feed.ts';
export * from './events.types.ts';
export { createMemoryBus, type EventBus } from './memory-bus.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/open-sqlite-store.ts';
export type * from './models.types.ts';
export { StoreFailure } from './store-failure.ts';
export { StoreKeeper } from './store-keeper.ts';
export * from './projects.types.ts';
export * from './push.types.ts';
export * from './recalls.types.ts';
export type * from './rules.types.ts';
export * from './store.types.ts';
