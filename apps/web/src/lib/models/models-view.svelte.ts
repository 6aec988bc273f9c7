/** Providers and defaults as the page shows them; every change asks the hub and shows what it answers. */
import type { RouteInput, RouteResponse } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';
import { oneAtATime } from '../hub/one-at-a-time.ts';

type Listed = RouteResponse<'models'>;
type Tested = RouteResponse<'testModelProvider'>;

export class ModelsView {
  readonly #hub: Hub;
  #listed: Listed | undefined = $state.raw();
  #problem = $state('');
  readonly load = oneAtATime(() => this.#load());

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** `undefined` until the hub has answered. */
  get listed(): Listed | undefined {
    return this.#listed;
  }

  get problem(): string {
    return this.#problem;
  }

  /** Every model, as `provider/model`. */
  get references(): string[] {
    return (this.#listed?.providers ?? []).flatMap(({ id, models }) => models.map((model) => `${id}/${model.id}`));
  }

  async save(provider: RouteInput<'addModelProvider'>['body']): Promise<void> {
    await this.#hub.api.addModelProvider({ body: provider });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await this.#hub.api.removeModelProvider({ params: { id } });
    await this.load();
  }

  async test(id: string, model?: string): Promise<Tested> {
    const tested = await this.#hub.api.testModelProvider({ params: { id }, body: { model } }, { timeoutMs: 90_000 });
    await this.load();
    return tested;
  }

  async setDefaults(models: string[]): Promise<void> {
    await this.#hub.api.setDefaultModels({ body: { models } });
    await this.load();
  }

  async #load(): Promise<void> {
    try {
      this.#listed = await this.#hub.api.models();
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
  }
}
