/** The seam between API calls and what carries them: `fetch`, or `node:https`. */

export interface HttpRequest {
  method: string;
  /** From the root, with the query as signed. */
  pathAndQuery: string;
  headers: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | undefined;
  signal: AbortSignal;
  /** Told of the bytes of the answer as they come, where the transport can. */
  onData?: ((chunk: Uint8Array) => void) | undefined;
}

export interface HttpResponse {
  status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  body: Uint8Array<ArrayBuffer>;
}

/** Rejects with anything when no answer came; answers of every status resolve. */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>;
