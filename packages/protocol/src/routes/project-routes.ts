/** Routes about projects on nodes (I18). */
export const projectRoutes = {} as const;
