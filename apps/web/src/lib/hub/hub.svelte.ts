/** The connected hub as reactive state: lists, connection, and the calls that pages make. */
import { connectHub, createHome, createWebCryptoSigner } from '@navisai/client';
import type { Api, Home, HomeState, HubConnection, Live } from '@navisai/client';
import { scopeIncludes } from '@navisai/protocol';
import type {
  Approval,
  ApprovalOf,
  Device,
  HubStatus,
  Scope,
  SessionWithTerminals,
  TerminalInfo,
} from '@navisai/protocol';
import type { PairedDevice } from '../device/device-storage.ts';
import { viewConnection } from './connection-view.ts';
import type { ConnectionView } from './connection-view.ts';

const askAgainMs = 3_000;

export class Hub implements Disposable {
  readonly device: PairedDevice;
  readonly #connection: HubConnection;
  readonly #home: Home;
  #state: HomeState;
  #isNetworkUp = $state(navigator.onLine);
  #publicStatus: HubStatus | undefined = $state.raw();
  #askAgain: ReturnType<typeof setTimeout> | undefined;
  readonly #listening = new AbortController();

  constructor(device: PairedDevice) {
    this.device = device;
    this.#connection = connectHub({ origin: location.origin, signer: createWebCryptoSigner(device) });
    this.#home = createHome({ api: this.#connection.api, live: this.#connection.live() });
    this.#state = $state.raw(this.#home.state);
    this.#home.onState((state) => this.#onHome(state));
    this.#watchNetwork();
  }

  get api(): Api {
    return this.#connection.api;
  }

  /** Who decides: the connection with what this device signs with. */
  get deciding(): HubConnection {
    return this.#connection;
  }

  get live(): Live {
    return this.#connection.live();
  }

  get state(): HomeState {
    return this.#state;
  }

  get connection(): ConnectionView {
    const { link, status } = this.#state;
    return viewConnection({ link, isNetworkUp: this.#isNetworkUp, status, publicStatus: this.#publicStatus });
  }

  get sessions(): readonly SessionWithTerminals[] {
    return this.#state.sessions;
  }

  get pendingApprovals(): readonly Approval[] {
    return this.#state.approvals.filter(({ state }) => state === 'pending');
  }

  get pendingPairings(): readonly ApprovalOf<'pairing'>[] {
    return this.pendingApprovals.filter((approval) => approval.kind === 'pairing');
  }

  /** As the hub knows this device; the scope may have been changed since pairing. */
  get self(): Device | undefined {
    return this.#state.devices.find(({ id }) => id === this.device.deviceId);
  }

  may(scope: Scope): boolean {
    return scopeIncludes(this.self?.scope ?? this.device.scope, scope);
  }

  findTerminal(id: string): { terminal: TerminalInfo; session: SessionWithTerminals } | undefined {
    for (const session of this.#state.sessions) {
      const terminal = session.terminals.find((candidate) => candidate.id === id);
      if (terminal !== undefined) return { terminal, session };
    }
    return undefined;
  }

  refresh(): Promise<void> {
    return this.#home.refresh();
  }

  retryNow(): void {
    this.live.retryNow();
  }

  [Symbol.dispose](): void {
    this.#listening.abort();
    clearTimeout(this.#askAgain);
    this.#home.close();
    this.#connection.close();
  }

  #onHome(state: HomeState): void {
    const { kind } = this.#state.link;
    this.#state = state;
    if (state.link.kind === kind) return;
    clearTimeout(this.#askAgain);
    if (state.link.kind === 'reconnecting') void this.#askPublicStatus();
    else this.#publicStatus = undefined;
  }

  /** A degraded hub accepts no connection, but says why to everybody. */
  async #askPublicStatus(): Promise<void> {
    const status = await this.api.status().catch(() => undefined);
    if (this.#listening.signal.aborted || this.#state.link.kind !== 'reconnecting') return;
    this.#publicStatus = status;
    this.#askAgain = setTimeout(() => void this.#askPublicStatus(), askAgainMs);
  }

  #watchNetwork(): void {
    const { signal } = this.#listening;
    const update = (): void => {
      this.#isNetworkUp = navigator.onLine;
      if (navigator.onLine) this.retryNow();
    };
    addEventListener('online', update, { signal });
    addEventListener('offline', update, { signal });
    const look = (): void => {
      if (document.visibilityState === 'visible') this.retryNow();
    };
    document.addEventListener('visibilitychange', look, { signal });
  }
}
