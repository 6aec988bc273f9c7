/** The home screen kept true: lists fetched after every connect, events folded in between; sessions are shown before. */
import type { LinkState } from '@navisai/link';
import { NavisError, pageSize } from '@navisai/protocol';
import type { HubEvent, SessionWithTerminals } from '@navisai/protocol';
import type { Api } from './api.types.ts';
import { emptyHome, foldHome } from './home-fold.ts';
import type { HomeAction, HomeLists } from './home-fold.ts';
import type { Home, HomeState } from './home.types.ts';
import type { EventStream, Live } from './live.types.ts';

export interface HomeOptions {
  api: Api;
  live: Live;
  /** How many sessions are fetched; newer ones come first. Default 500. */
  maxSessions?: number;
}

/** Failed fetches are tried again after this while the connection stands. */
const refreshAgainMs = 2_000;
/** Events kept while lists are being fetched; when more come, the lists are fetched once more. */
const maxHeldEvents = 2_000;
const defaultMaxSessions = 500;

/** Follows the hub until `close`. */
export const createHome = (options: HomeOptions): Home => new FollowedHome(options);

class FollowedHome implements Home {
  readonly #options: HomeOptions;
  readonly #listeners = new Set<(state: HomeState) => void>();
  readonly #stream: EventStream;
  readonly #stopLink: () => void;
  #state: HomeState = emptyHome;
  /** Events that came while lists were under way: the lists may be older than these. */
  #held: HubEvent[] = [];
  #refreshing: Promise<void> | undefined;
  #isStale = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HomeOptions) {
    this.#options = options;
    this.#stopLink = options.live.onState((link) => this.#onLink(link));
    this.#stream = options.live.followHub({
      onEvent: (event) => this.#onEvent(event),
      onLive: () => void this.refresh(),
      onEnd: (error) => this.#dispatch({ kind: 'failed', error }),
    });
    void this.#showSessions();
  }

  get state(): HomeState {
    return this.#state;
  }

  onState(listener: (state: HomeState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  /** One at a time; asked for meanwhile, it runs once more. */
  refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#isStale = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#refreshUntilFresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#stopLink();
    this.#stream.close();
    this.#listeners.clear();
  }

  /** While the connection is being made, so that what one came for is there as soon as it stands. */
  async #showSessions(): Promise<void> {
    // The lists come in any case, and tell why they do not.
    const sessions = await fetchSessions(this.#options).catch(() => undefined);
    if (sessions === undefined || this.#isClosed || this.#state.isLoaded) return;
    this.#dispatch({ kind: 'sessions', sessions });
  }

  async #refreshUntilFresh(): Promise<void> {
    clearTimeout(this.#timer);
    do {
      this.#isStale = false;
      this.#held = [];
      try {
        const lists = await fetchLists(this.#options);
        if (this.#isClosed) return;
        this.#dispatch({ kind: 'lists', lists });
        for (const event of this.#held) this.#dispatch({ kind: 'event', event });
      } catch (error) {
        this.#onFailure(error);
        return;
      }
    } while (this.#isStale);
  }

  #onFailure(error: unknown): void {
    if (this.#isClosed) return;
    this.#dispatch({ kind: 'failed', error: error instanceof NavisError ? error : new NavisError('INTERNAL') });
    this.#timer = setTimeout(() => {
      if (this.#state.link.kind === 'connected') void this.refresh();
    }, refreshAgainMs);
  }

  #onLink(link: LinkState): void {
    this.#dispatch({ kind: 'link', link });
  }

  #onEvent(event: HubEvent): void {
    if (this.#refreshing !== undefined) {
      if (this.#held.length < maxHeldEvents) this.#held.push(event);
      else this.#isStale = true;
    }
    this.#dispatch({ kind: 'event', event });
  }

  #dispatch(action: HomeAction): void {
    const next = foldHome(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener(next);
  }
}

const fetchLists = async (options: HomeOptions): Promise<HomeLists> => {
  const { api } = options;
  const [status, sessions, approvals, devices, nodes] = await Promise.all([
    api.status(),
    fetchSessions(options),
    api.approvals({ query: { limit: pageSize.default } }),
    api.devices(),
    api.nodes(),
  ]);
  return { status, sessions, approvals: approvals.approvals, devices: devices.devices, nodes: nodes.nodes };
};

const fetchSessions = async ({
  api,
  maxSessions: max = defaultMaxSessions,
}: HomeOptions): Promise<SessionWithTerminals[]> => {
  const sessions: SessionWithTerminals[] = [];
  let after: string | undefined;
  while (sessions.length < max) {
    const limit = Math.min(pageSize.max, max - sessions.length);
    const page = await api.sessions({ query: { limit, ...(after === undefined ? {} : { after }) } });
    sessions.push(...page.sessions);
    if (page.next === null) break;
    after = page.next;
  }
  return sessions;
};
