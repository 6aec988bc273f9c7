/** Routes about scheduled tasks (A5). */
export const recallRoutes = {} as const;
