/** A model server that follows a script, over real HTTP, in the shape of every provider: `await using server = await startModelServer()`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ModelProviderKind, modelProviderKinds } from '@navisai/protocol';
import { readModelRequest } from './model-server-request.ts';
import { shapeError, shapeModels, type ShapedTurn, shapeTurn } from './model-server-shapes.ts';
import { shapeWhole } from './model-server-whole.ts';
import type { ModelScript, ModelServer, ModelServerRequest, ModelTurn } from './model-server.types.ts';

export type { ModelScript, ModelServer, ModelServerRequest, ModelTurn } from './model-server.types.ts';

const maxRequests = 1000;

/** Listens on a free port of 127.0.0.1. */
export const startModelServer = async (
  turns?: ModelScript | ModelTurn | readonly ModelTurn[],
): Promise<ModelServer> => {
  const server = new ScriptedModelServer();
  if (turns !== undefined) server.script(turns);
  await server.listen();
  return server;
};

const paths: Record<ModelProviderKind, string> = {
  'openai-compatible': '/compatible/v1',
  openai: '/openai/v1',
  anthropic: '/anthropic/v1',
  google: '/google/v1beta',
};

class ScriptedModelServer implements ModelServer {
  readonly #server: Server;
  readonly #scripts: { script: ModelScript; match: string | RegExp | undefined }[] = [];
  readonly requests: ModelServerRequest[] = [];
  models: ModelServer['models'] = [{ id: 'scripted', contextTokens: 32_768 }];
  port = 0;
  open = 0;
  #count = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.open++;
      response.on('close', () => this.open--);
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  baseUrl(kind: ModelProviderKind): string {
    return `http://127.0.0.1:${this.port}${paths[kind]}`;
  }

  script(turns: ModelScript | ModelTurn | readonly ModelTurn[], match?: string | RegExp): void {
    this.#scripts.push({ script: typeof turns === 'function' ? turns : inOrder(turns), match });
  }

  reset(): void {
    this.#scripts.length = 0;
    this.requests.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const kind = modelProviderKinds.find((known) => incoming.url?.startsWith(paths[known]));
    if (kind === undefined) return sendJson(response, 404, { error: { message: 'no such provider' } });
    const request = await readModelRequest(kind, incoming);
    if (/count_?tokens/i.test(request.path)) return sendJson(response, 200, { input_tokens: 10, totalTokens: 10 });
    if (request.method === 'GET') return sendJson(response, 200, shapeModels(kind, this.models));
    this.requests.push(request);
    if (this.requests.length > maxRequests) this.requests.shift();
    const turn = (await this.#turnFor(request)) ?? {
      status: 400,
      error: 'the script of the test has no turn for this',
    };
    await turn.after;
    if (turn.hang === true) return;
    if (turn.status !== undefined && turn.status >= 400) return sendError(response, kind, turn);
    const shaped = { turn, model: request.model, count: ++this.#count };
    if (!isStreamed(request)) return sendJson(response, turn.status ?? 200, shapeWhole(kind, shaped), turn.headers);
    await sendTurn(response, kind, shaped);
  }

  async #turnFor(request: ModelServerRequest): Promise<ModelTurn | undefined> {
    const asked = this.#scripts.toSorted((one, other) => Number(!one.match) - Number(!other.match));
    for (const { script, match } of asked) {
      if (match !== undefined && !isMatch(request.text, match)) continue;
      const turn = await script(request);
      if (turn !== undefined) return turn;
    }
    return undefined;
  }
}

/** A text is looked for as it stands within JSON. */
const isMatch = (body: string, match: string | RegExp): boolean =>
  typeof match === 'string' ? body.includes(JSON.stringify(match).slice(1, -1)) : body.search(match) !== -1;

const inOrder = (turns: ModelTurn | readonly ModelTurn[]): ModelScript => {
  const left = [turns].flat() as ModelTurn[];
  return () => left.shift();
};

/** Google asks by the path, the others in the body. */
const isStreamed = ({ kind, path, body }: ModelServerRequest): boolean =>
  kind === 'google' ? path.includes('stream') : (body as { stream?: unknown } | null)?.stream === true;

const sendJson = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

const sendError = (response: ServerResponse, kind: ModelProviderKind, turn: ModelTurn): void => {
  const retryAfter = turn.retryAfterSeconds === undefined ? {} : { 'retry-after': String(turn.retryAfterSeconds) };
  sendJson(response, turn.status ?? 500, shapeError(kind, turn), { ...retryAfter, ...turn.headers });
};

const sendTurn = async (response: ServerResponse, kind: ModelProviderKind, shaped: ShapedTurn): Promise<void> => {
  const { turn } = shaped;
  response.writeHead(turn.status ?? 200, { 'content-type': 'text/event-stream', ...turn.headers });
  response.flushHeaders();
  let sent = 0;
  for (const { data, isContent } of shapeTurn(kind, shaped)) {
    if (response.destroyed) return;
    if (isContent || data === '[DONE]') {
      if (turn.cutAfter !== undefined && sent >= turn.cutAfter) return cut(response);
      if (typeof turn.hang === 'number' && sent >= turn.hang) return;
      if (turn.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, turn.delayMs));
      sent++;
    }
    response.write(asEvent(kind, data));
  }
  response.end();
};

/** A stream that fails forgets what was not read from it yet: the reader gets time to take what was sent. */
const beforeCutMs = 50;

const cut = async (response: ServerResponse): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, beforeCutMs));
  response.socket?.destroySoon();
};

const asEvent = (kind: ModelProviderKind, data: unknown): string => {
  if (typeof data === 'string') return `data: ${data}\n\n`;
  const name = kind === 'anthropic' ? `event: ${(data as { type: string }).type}\n` : '';
  return `${name}data: ${JSON.stringify(data)}\n\n`;
};
