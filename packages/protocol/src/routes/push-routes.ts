/** Routes about push notifications (A2). */
export const pushRoutes = {} as const;
