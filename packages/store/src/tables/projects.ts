/** Tables of projects that were found on nodes (I18). */
export type ProjectTables = Record<never, never>;

export const projectTables: readonly string[] = [];
