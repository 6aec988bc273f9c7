/** What a device may do (U1). */

export const scopes = ['viewer', 'operator', 'admin'] as const;
export type Scope = (typeof scopes)[number];
const scopeRank: Record<Scope, number> = { viewer: 0, operator: 1, admin: 2 };
export const scopeIncludes = (held: Scope, needed: Scope): boolean => scopeRank[held] >= scopeRank[needed];
