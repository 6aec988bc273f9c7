/** One project, asked for again while its page is looked at (I18). */
import type { RouteResponse } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';
import { oneAtATime } from '../hub/one-at-a-time.ts';

const restingMs = 20_000;

export class ProjectView implements Disposable {
  readonly #hub: Hub;
  readonly #id: string;
  #read: RouteResponse<'project'> | undefined = $state.raw();
  #problem = $state('');
  readonly load = oneAtATime(() => this.#load());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

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
    return this.#problem;
  }

  /** Nobody looks at a page in the background: its node is spared. */
  readonly loadIfSeen = (): void => {
    if (document.visibilityState === 'visible') void this.load();
  };

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#read = await this.#hub.api.project({ params: { id: this.#id } });
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
    if (!this.#isOver) this.#timer = setTimeout(this.loadIfSeen, restingMs);
  }
}
