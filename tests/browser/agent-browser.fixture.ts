/** A hub with a scripted model, and one trusting browser, for all tests of a file. */
import { startModelServer } from '@navisai/testkit';
import type { ModelServer } from '@navisai/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { useScriptedModel } from '../journeys/agent-hub.fixture.ts';
import { useBrowserHub } from './browser-hub.fixture.ts';
import type { BrowserHub } from './browser-hub.fixture.ts';

export interface AgentBrowser extends BrowserHub {
  readonly model: ModelServer;
}

export const useAgentBrowser = (): AgentBrowser => {
  const place = useBrowserHub();
  let model: ModelServer | undefined;
  const need = (): ModelServer => {
    if (model === undefined) throw new Error('the model server did not start');
    return model;
  };
  beforeAll(async () => {
    model = await startModelServer();
    await useScriptedModel(place.hub.host.api, model);
  });
  beforeEach(() => need().reset());
  afterAll(async () => model?.[Symbol.asyncDispose]());
  return {
    get hub() {
      return place.hub;
    },
    get browser() {
      return place.browser;
    },
    get model() {
      return need();
    },
  };
};
