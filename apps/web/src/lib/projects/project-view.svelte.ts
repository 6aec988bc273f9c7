/** One project, asked for again while its page is looked at (I18). */
import type { RouteResponse } from '@navisai/protocol';
import { AskedAgain } from '../hub/asked-again.svelte.ts';
import type { Hub } from '../hub/hub.svelte.ts';

const restingMs = 20_000;

export class ProjectView implements Disposable {
  readonly #hub: Hub;
  readonly #id: string;
  #read: RouteResponse<'project'> | undefined = $state.raw();
  /** Nobody looks at a page in the background: its node is spared. */
  readonly loadIfSeen = (): void => {
    if (document.visibilityState === 'visible') void this.load();
  };
  readonly #asked = new AskedAgain(() => this.#load(), { pauseMs: () => restingMs, again: this.loadIfSeen });
  readonly load = this.#asked.now;

  constructor(hub: Hub, id: string) {
    this.#hub = hub;
    this.#id = id;
  }

  /** As it was told last; `undefined` until the hub has answered. */
  get read(): RouteResponse<'project'> | undefined {
    return this.#read;
  }

  /** Why it could not be asked for last. */
  get problem(): string {
    return this.#asked.problem;
  }

  [Symbol.dispose](): void {
    this.#asked[Symbol.dispose]();
  }

  async #load(): Promise<void> {
    this.#read = await this.#hub.api.project({ params: { id: this.#id } });
  }
}
