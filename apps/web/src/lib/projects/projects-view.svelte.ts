/** Projects of all nodes, asked for again while the page is looked at and while nodes search (I18). */
import type { DiscoveryProgress, Project } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';
import { oneAtATime } from '../hub/one-at-a-time.ts';

const searchingMs = 1_500;
const restingMs = 20_000;

export class ProjectsView implements Disposable {
  readonly #hub: Hub;
  #projects: readonly Project[] | undefined = $state.raw();
  #discovery: readonly DiscoveryProgress[] = $state.raw([]);
  #problem = $state('');
  readonly load = oneAtATime(() => this.#load());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** `undefined` until the hub has answered. */
  get projects(): readonly Project[] | undefined {
    return this.#projects;
  }

  get problem(): string {
    return this.#problem;
  }

  get isSearching(): boolean {
    return this.#discovery.some(({ state }) => state === 'scanning');
  }

  /** Searches that failed, or did not look at all. */
  get incomplete(): readonly DiscoveryProgress[] {
    return this.#discovery.filter(({ state, reason }) => state !== 'scanning' && reason !== undefined);
  }

  async discover(): Promise<void> {
    this.#discovery = (await this.#hub.api.discoverProjects({ body: {} })).discovery;
    await this.load();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const { projects, discovery } = await this.#hub.api.projects({ query: {} });
      [this.#projects, this.#discovery] = [projects, discovery];
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
    if (!this.#isOver) this.#timer = setTimeout(() => void this.load(), this.isSearching ? searchingMs : restingMs);
  }
}
