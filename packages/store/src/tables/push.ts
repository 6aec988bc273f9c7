/** Tables of push subscriptions of devices (A2). */
export type PushTables = Record<never, never>;

export const pushTables: readonly string[] = [];
