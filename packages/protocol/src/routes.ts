/** Every HTTP route of the hub: the daemon serves this table, clients call it, `/docs` describes it (I7, I15). */
import type { z } from 'zod';
import { accessRoutes } from './routes/access-routes.ts';
import { approvalRoutes } from './routes/approval-routes.ts';
import { conversationRoutes } from './routes/conversation-routes.ts';
import { deviceRoutes } from './routes/device-routes.ts';
import { modelRoutes } from './routes/model-routes.ts';
import { nodeRoutes } from './routes/node-routes.ts';
import { profileRoutes } from './routes/profile-routes.ts';
import { projectRoutes } from './routes/project-routes.ts';
import { publicRoutes } from './routes/public-routes.ts';
import { pushRoutes } from './routes/push-routes.ts';
import { recallRoutes } from './routes/recall-routes.ts';
import { ruleRoutes } from './routes/rule-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { toolRoutes } from './routes/tool-routes.ts';

export type { Access, Route } from './routes/route.ts';

export const routes = {
  ...publicRoutes,
  ...deviceRoutes,
  ...approvalRoutes,
  ...ruleRoutes,
  ...pushRoutes,
  ...sessionRoutes,
  ...conversationRoutes,
  ...profileRoutes,
  ...modelRoutes,
  ...recallRoutes,
  ...projectRoutes,
  ...accessRoutes,
  ...toolRoutes,
  ...nodeRoutes,
  ...serviceRoutes,
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
/** What a handler is given: parsed, with what the caller left out. */
export type RouteInput<N extends RouteName> = {
  params: z.infer<Routes[N]['params']>;
  query: z.infer<Routes[N]['query']>;
  body: z.infer<Routes[N]['body']>;
};
/** What a caller writes: fields with a default may be left out. */
export type RouteRequest<N extends RouteName> = Omit<RouteInput<N>, 'body'> & { body: z.input<Routes[N]['body']> };
export type RouteResponse<N extends RouteName> = z.infer<Routes[N]['response']>;

/** Path of the client WebSocket (I8). */
export const socketPath = '/ws';
/** Close code after one `error` event when the credential is bad (I9). */
export const socketCloseUnauthorized = 4401;
/** Close code when the device was revoked (I14). */
export const socketCloseRevoked = 4403;

/** Version of this contract; the hub also accepts the one before. */
export const protocolVersion = 1;
