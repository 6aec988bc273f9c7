/** A hub whose agents talk to a model that follows a script. */
import type { Api } from '@navisai/client';
import { type ModelServer, startHub, startModelServer, type TestHub, type TestHubOptions } from '@navisai/testkit';

export interface AgentHub extends AsyncDisposable {
  hub: TestHub;
  model: ModelServer;
}

export const startAgentHub = async (options: TestHubOptions = {}): Promise<AgentHub> => {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const hub = opened.use(await startHub(options));
  await useScriptedModel(hub.host.api, model);
  const kept = opened.move();
  return { hub, model, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};

/** Makes it the one that agents use: `scripted/scripted`. */
export const useScriptedModel = async (api: Api, model: ModelServer): Promise<void> => {
  await api.addModelProvider({
    body: {
      id: 'scripted',
      kind: 'openai-compatible',
      baseUrl: model.baseUrl('openai-compatible'),
      key: 'key',
      models: [{ id: 'scripted', contextTokens: 32_768 }],
    },
  });
  await api.setDefaultModels({ body: { models: ['scripted/scripted'] } });
};
