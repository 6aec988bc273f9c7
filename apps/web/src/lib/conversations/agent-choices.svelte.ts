/** What an agent can be set to: profiles, agents of others and models, as the hub offers them. */
import type { Api } from '@navisai/client';
import type { AcpAgentInfo, ProfileInfo } from '@navisai/protocol';

export class AgentChoices {
  readonly #api: Api;
  #profiles: readonly ProfileInfo[] = $state.raw([]);
  #acpAgents: readonly AcpAgentInfo[] = $state.raw([]);
  #models: readonly string[] = $state.raw([]);
  #defaults: readonly string[] = $state.raw([]);
  #isLoaded = $state(false);

  constructor(api: Api) {
    this.#api = api;
  }

  get profiles(): readonly ProfileInfo[] {
    return this.#profiles;
  }

  /** Instead of the hub's own agent, from the beginning of a conversation (I19). */
  get acpAgents(): readonly AcpAgentInfo[] {
    return this.#acpAgents;
  }

  /** `provider/model`. */
  get models(): readonly string[] {
    return this.#models;
  }

  get defaultModel(): string | undefined {
    return this.#defaults[0] ?? this.#models[0];
  }

  /** Known for sure: nothing can answer. */
  get hasNoModel(): boolean {
    return this.#isLoaded && this.#models.length === 0 && this.#defaults.length === 0;
  }

  /** What cannot be loaded is not offered; the conversation works without. */
  async load(): Promise<void> {
    const [profiles, models] = await Promise.allSettled([this.#api.profiles(), this.#api.models()]);
    if (profiles.status === 'fulfilled') {
      this.#profiles = profiles.value.profiles;
      this.#acpAgents = profiles.value.acpAgents;
    }
    if (models.status === 'rejected') return;
    this.#defaults = models.value.defaults;
    this.#models = models.value.providers.flatMap(({ id, models: offered }) => offered.map((one) => `${id}/${one.id}`));
    this.#isLoaded = true;
  }
}
