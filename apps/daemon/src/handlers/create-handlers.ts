/** The handlers of every route, put together from one file per concern. */
import type { HubServices } from '../create-hub.ts';
import type { Handlers } from '../http/handler.types.ts';
import type { SocketEdge } from '../hub.ts';
import { accessHandlers } from './access.ts';
import { approvalHandlers } from './approvals.ts';
import { conversationHandlers } from './conversations.ts';
import { deviceHandlers } from './devices.ts';
import { modelHandlers } from './models.ts';
import { nodeHandlers } from './nodes.ts';
import { profileHandlers } from './profiles.ts';
import { projectHandlers } from './projects.ts';
import { pushHandlers } from './push.ts';
import { recallHandlers } from './recalls.ts';
import { serviceHandlers, type ServiceParts } from './service.ts';
import { sessionHandlers } from './sessions.ts';
import { toolHandlers } from './tools.ts';

export interface HandlerParts extends Omit<ServiceParts, 'hub'> {
  services: HubServices;
  edge: SocketEdge;
}

export const createHandlers = ({ services, edge, ...service }: HandlerParts): Handlers => {
  const { hub, sessions, devices, pairing, nodes, models, agents, peers } = services;
  return {
    ...serviceHandlers({ hub, ...service }),
    ...deviceHandlers({ devices, pairing }),
    ...approvalHandlers(services),
    ...sessionHandlers({ hub, agents, sessions, edge }),
    ...conversationHandlers(services),
    ...nodeHandlers({ registry: nodes.registry, policies: nodes.policies, explain: services.explain }),
    ...accessHandlers(peers),
    ...modelHandlers(models),
    ...profileHandlers(services),
    ...projectHandlers(services.projects),
    ...recallHandlers(services.recalls),
    ...pushHandlers(services.push),
    ...toolHandlers({ hub, sessions, registry: nodes.registry, tools: agents.tools }),
  };
};
