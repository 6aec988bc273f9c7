/** Puts the model of a run together: adapters with retries, one after the other in the order of preference (A4). */
import {
  type AgentModel,
  createProviderModel,
  knownContextTokens,
  type ProviderSettings,
  withFallback,
  withRetry,
} from '@navisai/agent';
import type { ModelProvider } from '@navisai/protocol';

export interface KnownProvider {
  info: ModelProvider;
  settings: ProviderSettings;
  /** Models of it that were asked for, with what was learned of them. */
  opened: Map<string, AgentModel>;
}

/** Names may be anything; beyond so many the provider's models are made anew. */
const maxOpened = 100;

export interface ModelChoice {
  references: readonly string[];
  find(id: string): KnownProvider | undefined;
  fetch?: typeof fetch | undefined;
}

export const resolveModel = ({ references, find, fetch }: ModelChoice): AgentModel =>
  withFallback(
    references.map((reference) => {
      const { id, model } = splitReference(reference);
      const provider = find(id);
      if (provider === undefined) return unknownProvider(reference);
      return provider.opened.get(model) ?? open({ provider, model, fetch });
    }),
  );

const open = ({ provider, model, fetch }: { provider: KnownProvider; model: string; fetch: ModelChoice['fetch'] }) => {
  const { info, settings, opened } = provider;
  const listed = info.models.find((offered) => offered.id === model);
  const contextTokens = listed?.contextTokens ?? knownContextTokens(model);
  const made = withRetry(createProviderModel({ provider: settings, model, contextTokens, fetch }));
  if (opened.size >= maxOpened) opened.clear();
  opened.set(model, made);
  return made;
};

/** The model's own name may have a slash in it. */
export const splitReference = (reference: string): { id: string; model: string } => {
  const slash = reference.indexOf('/');
  return { id: reference.slice(0, slash), model: reference.slice(slash + 1) };
};

const unknownProvider = (reference: string): AgentModel => ({
  reference,
  contextTokens: knownContextTokens(reference),
  async *stream() {
    const { id } = splitReference(reference);
    const message = `There is no model provider ${id}, which ${reference} asks for. See: navisai models`;
    yield { type: 'error', error: { code: 'NO_MODEL', message, isRetryable: false } };
  },
});
