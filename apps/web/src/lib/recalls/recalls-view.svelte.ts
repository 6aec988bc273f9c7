/** The person's recalls, asked for again whenever something happened to one. */
import type { Recall, RecallRun, RouteInput } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';

export class RecallsView {
  readonly #hub: Hub;
  #recalls: readonly Recall[] | undefined = $state.raw();
  #problem = $state('');
  #loading: Promise<void> | undefined;
  #isStale = false;

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

  /** One at a time; asked for meanwhile, it runs once more. */
  load(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#loadUntilFresh().finally(() => (this.#loading = undefined));
    return this.#loading;
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

  async #loadUntilFresh(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        this.#recalls = (await this.#hub.api.recalls()).recalls;
        this.#problem = '';
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
      }
    }
  }
}
