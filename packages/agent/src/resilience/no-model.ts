/** What answers where no model is configured: kind words about how to add one (A4). */
import type { AgentModel, ModelError } from '../agent.types.ts';

const error: ModelError = {
  code: 'NO_MODEL',
  message:
    'There is no model yet, so the agent cannot answer. Add one: navisai models add, or in the settings of the app (a local Ollama needs no key). Everything else works without: !command runs a command here, /open, /list and /close handle terminals.',
  isRetryable: false,
};

export const noModel: AgentModel = {
  reference: 'none',
  contextTokens: 8192,
  async *stream() {
    yield { type: 'error', error };
  },
};
