/** A hub whose agents talk to a model that follows a script. */
import { type ModelServer, startHub, startModelServer, type TestHub, type TestHubOptions } from '@navisai/testkit';

export interface AgentHub extends AsyncDisposable {
  hub: TestHub;
  model: ModelServer;
}

export const startAgentHub = async (options: TestHubOptions = {}): Promise<AgentHub> => {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const hub = opened.use(await startHub(options));
  const { api } = hub.host;
  const baseUrl = model.baseUrl('openai-compatible');
  const models = [{ id: 'm', contextTokens: 32_768 }];
  await api.addModelProvider({ body: { id: 'scripted', kind: 'openai-compatible', baseUrl, models } });
  await api.setDefaultModels({ body: { models: ['scripted/m'] } });
  const kept = opened.move();
  return { hub, model, [Symbol.asyncDispose]: () => kept.disposeAsync() };
};
