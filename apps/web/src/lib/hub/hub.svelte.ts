/** The connected hub as reactive state: lists, connection, and the calls that pages make. */
import { connectHub, createHome, createWebCryptoSigner } from '@navisai/client';
import type { Api, Home, HomeState, HubConnection, Live } from '@navisai/client';
import { scopeIncludes } from '@navisai/protocol';
import type { Approval, Device, Scope, SessionWithTerminals, TerminalInfo } from '@navisai/protocol';
import type { PairedDevice } from '../device/device-storage.ts';
import { viewConnection } from './connection-view.ts';
import type { ConnectionView } from './connection-view.ts';

export class Hub implements Disposable {
  readonly device: PairedDevice;
  readonly #connection: HubConnection;
  readonly #home: Home;
  #state: HomeState;
  #isNetworkUp = $state(navigator.onLine);
  readonly #listening = new AbortController();

  constructor(device: PairedDevice) {
    this.device = device;
    this.#connection = connectHub({ origin: location.origin, signer: createWebCryptoSigner(device) });
    this.#home = createHome({ api: this.#connection.api, live: this.#connection.live() });
    this.#state = $state.raw(this.#home.state);
    this.#home.onState((state) => (this.#state = state));
    this.#watchNetwork();
  }

  get api(): Api {
    return this.#connection.api;
  }

  get live(): Live {
    return this.#connection.live();
  }

  get state(): HomeState {
    return this.#state;
  }

  get connection(): ConnectionView {
    return viewConnection({ link: this.#state.link, isNetworkUp: this.#isNetworkUp, status: this.#state.status });
  }

  get sessions(): readonly SessionWithTerminals[] {
    return this.#state.sessions;
  }

  get pendingApprovals(): readonly Approval[] {
    return this.#state.approvals.filter(({ state }) => state === 'pending');
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
    this.#home.close();
    this.#connection.close();
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
