/** Tables of scheduled tasks and their history (A5). */
export type RecallTables = Record<never, never>;

export const recallTables: readonly string[] = [];
