/** Typed API calls over the route table: path, signature, clock correction, errors. */
import {
  NavisError,
  formatAuthorization,
  isErrorCode,
  newNonce,
  requestSigningText,
  routes,
  sha256Hex,
  timeoutSeconds,
} from '@navisai/protocol';
import type { Route, RouteName } from '@navisai/protocol';
import type { Api, ByteRange, CallOptions, RawAnswer, RawRequest } from './api.types.ts';
import type { HttpResponse, HttpTransport } from './http.types.ts';
import { createHubClock } from './hub-clock.ts';
import type { HubClock } from './hub-clock.ts';
import type { Signer } from './signer.ts';

export interface ApiOptions {
  http: HttpTransport;
  signer?: Signer | undefined;
  clock?: HubClock;
}

interface AnyInput {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

export const callDeadlineMs = 30_000;
/** Longer than any tool may take: run and drain, or open, wait and kill. */
export const toolCallDeadlineMs = (timeoutSeconds.max + 60) * 1000;

/** Makes the calls; opens nothing by itself. */
export const createApi = (options: ApiOptions): Api => {
  const sender = { ...options, clock: options.clock ?? createHubClock() };
  const call = (name: RouteName, input: AnyInput = {}, callOptions: CallOptions = {}): Promise<unknown> =>
    callRoute(sender, { name, input, options: callOptions });
  const send = async (request: RawRequest, callOptions: CallOptions = {}): Promise<RawAnswer> => {
    const answer = await sendSigned(sender, {
      method: request.method,
      pathAndQuery: request.path,
      body: request.body,
      headers: request.headers,
      isPublic: sender.signer === undefined,
      options: { timeoutMs: toolCallDeadlineMs, ...callOptions },
    });
    return { ...answer, contentType: answer.header('content-type') ?? '' };
  };
  const named = Object.keys(routes).map((name) => [
    name,
    (input?: AnyInput, callOptions?: CallOptions) => call(name as RouteName, input, callOptions),
  ]);
  return { ...Object.fromEntries(named), call, send } as Api;
};

type Sender = ApiOptions & { clock: HubClock };

interface SignedCall {
  method: string;
  pathAndQuery: string;
  body: unknown;
  headers?: Readonly<Record<string, string>> | undefined;
  isPublic: boolean;
  options: CallOptions;
}

const callRoute = async (
  sender: Sender,
  call: { name: RouteName; input: AnyInput; options: CallOptions },
): Promise<unknown> => {
  const route: Route = routes[call.name];
  const response = await sendSigned(sender, {
    method: route.method,
    pathAndQuery: buildPath(route.path, call.input),
    body: call.input.body,
    isPublic: route.access === 'public',
    options: call.name === 'callTool' ? { timeoutMs: toolCallDeadlineMs, ...call.options } : call.options,
  });
  if (response.status >= 400) throw errorOf(response);
  return readAnswer(route, response);
};

const buildPath = (pattern: string, input: AnyInput): string => {
  const path = pattern.replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name] ?? '')),
  );
  const query = Object.entries(input.query ?? {}).filter(([, value]) => value !== undefined);
  if (query.length === 0) return path;
  return `${path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
};

const sendSigned = async (sender: Sender, call: SignedCall): Promise<HttpResponse> => {
  const first = await sendOnce(sender, call);
  if (first.status !== 401 || sender.signer === undefined) return first;
  const error = errorOf(first);
  const serverTime = error.details?.['serverTime'];
  if (error.code !== 'CLOCK_SKEW' || typeof serverTime !== 'string') return first;
  sender.clock.adopt(serverTime);
  return sendOnce(sender, call);
};

const sendOnce = async (sender: Sender, call: SignedCall): Promise<HttpResponse> => {
  const body = call.body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(call.body));
  const headers: Record<string, string> = { ...call.headers };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (!call.isPublic) headers['authorization'] = await authorize(sender, call, body);
  const deadline = AbortSignal.timeout(call.options.timeoutMs ?? callDeadlineMs);
  const signal = call.options.signal === undefined ? deadline : AbortSignal.any([call.options.signal, deadline]);
  try {
    signal.throwIfAborted();
    const { onData } = call.options;
    return await sender.http({ method: call.method, pathAndQuery: call.pathAndQuery, headers, body, signal, onData });
  } catch (cause) {
    if (call.options.signal?.aborted) throw new NavisError('CANCELLED', undefined, { cause });
    if (deadline.aborted) throw new NavisError('HUB_UNREACHABLE', 'The hub did not answer in time.', { cause });
    throw new NavisError('HUB_UNREACHABLE', undefined, { cause });
  }
};

const authorize = async (
  sender: Sender,
  call: SignedCall,
  body: Uint8Array<ArrayBuffer> | undefined,
): Promise<string> => {
  const { signer } = sender;
  if (signer === undefined) throw new NavisError('UNAUTHORIZED', 'This client is not paired with the hub.');
  const timestamp = new Date(sender.clock.now()).toISOString();
  const nonce = newNonce();
  const bodySha256 = await sha256Hex(body ?? new Uint8Array());
  const text = requestSigningText({
    method: call.method,
    pathAndQuery: call.pathAndQuery,
    bodySha256,
    timestamp,
    nonce,
    hubId: signer.hubId,
  });
  return formatAuthorization({ deviceId: signer.deviceId, timestamp, nonce, signature: await signer.sign(text) });
};

const readAnswer = (route: Route, response: HttpResponse): unknown => {
  if (route.contentType === 'application/octet-stream') return byteRangeOf(response);
  const text = new TextDecoder().decode(response.body);
  if (route.contentType !== undefined) return text;
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NavisError('INTERNAL', 'The hub answered something that is not JSON.', { cause });
  }
};

const byteRangeOf = (response: HttpResponse): ByteRange => {
  const number = (name: string, otherwise: number): number => {
    const value = Number(response.header(name) ?? otherwise);
    return Number.isSafeInteger(value) ? value : otherwise;
  };
  const offset = number('navis-offset', 0);
  const nextOffset = number('navis-next-offset', offset + response.body.length);
  return {
    offset,
    nextOffset,
    firstOffset: number('navis-first-offset', 0),
    endOffset: number('navis-end-offset', nextOffset),
    bytes: response.body,
  };
};

/** The hub's own error, or what can be said about an answer that is not the hub's. */
const errorOf = (response: HttpResponse): NavisError => {
  const body = parseObject(new TextDecoder().decode(response.body));
  const { code, message, field, ...details } = body;
  if (!isErrorCode(code)) {
    const isGateway = response.status === 502 || response.status === 503 || response.status === 504;
    return new NavisError(isGateway ? 'HUB_UNREACHABLE' : 'INTERNAL', `The hub answered with ${response.status}.`);
  }
  return new NavisError(code, typeof message === 'string' ? message : undefined, {
    ...(typeof field === 'string' ? { field } : {}),
    details,
  });
};

const parseObject = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
