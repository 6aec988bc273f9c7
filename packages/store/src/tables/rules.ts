/** Tables of standing decisions and the enrolments of devices (A2, N12). */
export type RuleTables = Record<never, never>;

export const ruleTables: readonly string[] = [];
