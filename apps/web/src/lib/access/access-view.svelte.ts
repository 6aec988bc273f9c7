/** Tokens of MCP clients and the MCP servers of the configuration, as the page shows them (I20). */
import type { McpServerState, McpToken, RouteInput, RouteResponse } from '@navisai/protocol';
import type { Hub } from '../hub/hub.svelte.ts';
import { oneAtATime } from '../hub/one-at-a-time.ts';

export class AccessView {
  readonly #hub: Hub;
  #tokens: readonly McpToken[] | undefined = $state.raw();
  #servers: readonly McpServerState[] | undefined = $state.raw();
  #problem = $state('');
  readonly load = oneAtATime(() => this.#load());

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** `undefined` until the hub has answered, and where this device may not see them. */
  get tokens(): readonly McpToken[] | undefined {
    return this.#tokens;
  }

  get servers(): readonly McpServerState[] | undefined {
    return this.#servers;
  }

  get problem(): string {
    return this.#problem;
  }

  /** The secret is told this once. */
  async add(token: RouteInput<'addMcpToken'>['body']): Promise<RouteResponse<'addMcpToken'>> {
    const made = await this.#hub.api.addMcpToken({ body: token });
    await this.load();
    return made;
  }

  async revoke(id: string): Promise<void> {
    await this.#hub.api.revokeMcpToken({ params: { id } });
    await this.load();
  }

  async #load(): Promise<void> {
    const { api } = this.#hub;
    try {
      this.#servers = (await api.mcpServers()).servers;
      if (this.#hub.may('admin')) this.#tokens = (await api.mcpTokens()).tokens;
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
  }
}
