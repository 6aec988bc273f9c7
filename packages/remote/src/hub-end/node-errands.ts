/** What a node is to do at its next connection when it is away now. */
import { NavisError } from '@navisai/protocol';
import type { HubConnection } from './hub-connection.ts';
import type { PendingRequests } from './pending-requests.ts';

/** ERRAND_DROPPED: sessions to close that a node which stays away does not learn of; the oldest go. */
const maxClosings = 10_000;

export class NodeErrands {
  readonly #requests: PendingRequests;
  /** Reasons by session. */
  readonly #closings = new Map<string, string>();
  /** Terminals whose queries a viewer answers. */
  readonly #answeredByViewers = new Set<string>();

  constructor(requests: PendingRequests) {
    this.#requests = requests;
  }

  /** Resolves when it is done, or remembered because the node is away. Rejects LINK_DOWN when it is not known whether it was done. */
  async closeSession(
    { sessionId, reason }: { sessionId: string; reason: string },
    connection: HubConnection | undefined,
  ): Promise<void> {
    this.#closings.set(sessionId, reason.slice(0, 1000));
    for (const oldest of this.#closings.keys()) {
      if (this.#closings.size <= maxClosings) break;
      this.#closings.delete(oldest);
    }
    if (connection !== undefined) await this.#close(sessionId, reason);
  }

  answerQueries(
    { terminalId, responder }: { terminalId: string; responder: 'screen' | 'viewer' },
    connection: HubConnection | undefined,
  ): void {
    const isNew = responder === 'viewer' ? !this.#answeredByViewers.has(terminalId) : true;
    if (responder === 'viewer') this.#answeredByViewers.add(terminalId);
    else this.#answeredByViewers.delete(terminalId);
    if (isNew) connection?.send({ type: 'responder', terminalId, responder });
  }

  /** Of a terminal that is gone. */
  forgetTerminal(terminalId: string): void {
    this.#answeredByViewers.delete(terminalId);
  }

  resume(connection: HubConnection): void {
    for (const terminalId of this.#answeredByViewers)
      connection.send({ type: 'responder', terminalId, responder: 'viewer' });
    // What the node says to it is for nobody any more.
    for (const [sessionId, reason] of this.#closings) this.#close(sessionId, reason).catch(() => undefined);
  }

  async #close(sessionId: string, reason: string): Promise<void> {
    try {
      await this.#requests.ask<'closeSession'>({ name: 'closeSession', sessionId, reason: reason.slice(0, 1000) });
      this.#closings.delete(sessionId);
    } catch (error) {
      // Without an answer it is asked again at the next connection.
      if (!(error instanceof NavisError) || error.code !== 'LINK_DOWN') this.#closings.delete(sessionId);
      throw error;
    }
  }
}
