/** Tables of model providers (A4). */
export type ModelTables = Record<never, never>;

export const modelTables: readonly string[] = [];
