/** Calls over MCP that are not over: their client may cancel them, and with a token that is revoked its calls end (I20). */

export interface ClientCall {
  /** The token or device. */
  callerId: string;
  /** Told to the client when it began; without it nobody knows whose request an id is. */
  clientSession: string | undefined;
  requestId: string | number;
}

export interface CallUnderWay extends Disposable {
  signal: AbortSignal;
}

export class CallsUnderWay {
  readonly #calls = new Map<AbortController, ClientCall>();

  /** Until it is disposed. */
  begin(call: ClientCall): CallUnderWay {
    const abort = new AbortController();
    this.#calls.set(abort, call);
    return { signal: abort.signal, [Symbol.dispose]: () => void this.#calls.delete(abort) };
  }

  /** Of the same client only; an unknown id is no error, the call may just have ended. */
  cancel({ callerId, clientSession, requestId }: ClientCall): void {
    if (clientSession === undefined) return;
    for (const [abort, call] of this.#calls)
      if (call.callerId === callerId && call.clientSession === clientSession && call.requestId === requestId)
        abort.abort();
  }

  endOf(callerId: string): void {
    for (const [abort, call] of this.#calls) if (call.callerId === callerId) abort.abort();
  }
}
