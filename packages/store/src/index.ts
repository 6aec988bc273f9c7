/** What the hub keeps: ports and adapters for sessions, events, devices, approvals and pairings. */
export * from './events.types.ts';
