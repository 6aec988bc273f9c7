/** Projects of all nodes, asked for again while the page is looked at and while nodes search (I18). */
import type { DiscoveryProgress, Project } from '@navisai/protocol';
import { AskedAgain } from '../hub/asked-again.svelte.ts';
import type { Hub } from '../hub/hub.svelte.ts';

const searchingMs = 1_500;
const restingMs = 20_000;

export class ProjectsView implements Disposable {
  readonly #hub: Hub;
  #projects: readonly Project[] | undefined = $state.raw();
  #discovery: readonly DiscoveryProgress[] = $state.raw([]);
  readonly #asked = new AskedAgain(() => this.#load(), {
    pauseMs: () => (this.isSearching ? searchingMs : restingMs),
  });
  readonly load = this.#asked.now;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** `undefined` until the hub has answered. */
  get projects(): readonly Project[] | undefined {
    return this.#projects;
  }

  get problem(): string {
    return this.#asked.problem;
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
    this.#asked[Symbol.dispose]();
  }

  async #load(): Promise<void> {
    const { projects, discovery } = await this.#hub.api.projects({ query: {} });
    [this.#projects, this.#discovery] = [projects, discovery];
  }
}
