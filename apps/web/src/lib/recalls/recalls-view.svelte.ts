/** The person's recalls, asked for again whenever something happened to one. */
import type { Recall, RecallRun, RouteInput } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';
import { oneAtATime } from '../hub/one-at-a-time.ts';

export class RecallsView {
  readonly #hub: Hub;
  #recalls: readonly Recall[] | undefined = $state.raw();
  #problem = $state('');
  readonly load = oneAtATime(() => this.#load());

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** `undefined` until the hub has answered. */
  get recalls(): readonly Recall[] | undefined {
    return this.#recalls;
  }

  get problem(): string {
    return this.#problem;
  }

  async create(recall: RouteInput<'createRecall'>['body']): Promise<void> {
    await this.#hub.api.createRecall({ body: recall });
    await this.load();
  }

  async change(id: string, change: RouteInput<'changeRecall'>['body']): Promise<void> {
    await this.#hub.api.changeRecall({ params: { id }, body: change });
    await this.load();
  }

  async run(id: string): Promise<void> {
    await this.#hub.api.runRecall({ params: { id } });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await this.#hub.api.removeRecall({ params: { id } });
    await this.load();
  }

  async history(id: string): Promise<RecallRun[]> {
    return (await this.#hub.api.recallRuns({ params: { id }, query: { limit: 50 } })).runs;
  }

  async #load(): Promise<void> {
    try {
      this.#recalls = (await this.#hub.api.recalls()).recalls;
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
  }
}
