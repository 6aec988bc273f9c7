/** Carries MCP messages between stdin, stdout and the hub; the hub answers, this only passes on. */
import type { Api } from '@navisai/client';
import { type Approval, mcpPath, mcpSessionHeader, NavisError } from '@navisai/protocol';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

export interface McpRelay {
  api: Api;
  session: string | undefined;
  input: Readable;
  output: Writable;
}

/** As long as a person may take to approve. */
const callDeadlineMs = 24 * 60 * 60 * 1000;
/** Of calls that are under way when the input ends. */
const patienceMs = 30_000;
const checkEveryMs = 200;
const maxMessageLength = 4 * 1024 * 1024;
/** JSON-RPC 2.0. */
const errorCodes = { parse: -32700, internal: -32603 } as const;

interface Message {
  id?: unknown;
  method?: unknown;
  params?: { requestId?: unknown; name?: unknown; arguments?: Record<string, unknown> };
}

/** Resolves when the input has ended and everything was answered. */
export const relayMcp = async (relay: McpRelay): Promise<void> => {
  const underWay = new Map<string, Call>();
  const answers = new Set<Promise<void>>();
  for await (const line of createInterface({ input: relay.input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const answer = passOn(relay, { line, underWay });
    answers.add(answer);
    void answer.finally(() => answers.delete(answer));
  }
  await finish(relay, { underWay, answers });
};

interface Call {
  message: Message;
  abort: AbortController;
}

interface Passed {
  line: string;
  underWay: Map<string, Call>;
}

/** Whoever asked may still read: what is under way has a while. What waits for a person has not, since nobody may be there. */
const finish = async (
  { api }: McpRelay,
  { underWay, answers }: { underWay: ReadonlyMap<string, Call>; answers: ReadonlySet<Promise<void>> },
): Promise<void> => {
  const all = Promise.all(answers);
  const giveUpAt = performance.now() + patienceMs;
  while (underWay.size > 0 && performance.now() < giveUpAt) {
    await Promise.race([all, delay(checkEveryMs)]);
    const { approvals } = await api.pendingApprovals().catch(() => ({ approvals: [] }));
    for (const { message, abort } of underWay.values())
      if (approvals.some((approval) => isAbout(approval, message))) abort.abort();
  }
  for (const { abort } of underWay.values()) abort.abort();
  await all;
};

/** An approval tells the call as the tool gets it: with all that was given. */
const isAbout = (approval: Approval, { params }: Message): boolean => {
  if (approval.kind !== 'call' || approval.detail.requester.kind !== 'mcp') return false;
  const { tool, arguments: asked } = approval.detail.call;
  const { node_id: _, ...given } = params?.arguments ?? {};
  return params?.name === tool && isDeepStrictEqual({ ...(asked as object), ...given }, asked);
};

/** Never throws: a failure is the answer. */
const passOn = async (relay: McpRelay, { line, underWay }: Passed): Promise<void> => {
  const message = line.length > maxMessageLength ? undefined : parse(line);
  if (message === undefined)
    return write(relay, failure(null, { code: errorCodes.parse, message: 'This is no JSON-RPC message.' }));
  if (message.method === 'notifications/cancelled') underWay.get(String(message.params?.requestId))?.abort.abort();
  const key = String(message.id);
  const abort = new AbortController();
  if (message.id !== undefined) underWay.set(key, { message, abort });
  try {
    await ask(relay, message, abort.signal);
  } catch (error) {
    const said = error instanceof NavisError ? error.message : 'The hub did not answer.';
    if (message.id !== undefined && !abort.signal.aborted)
      write(relay, failure(message.id, { code: errorCodes.internal, message: said }));
  } finally {
    underWay.delete(key);
  }
};

const parse = (line: string): Message | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
};

/** Passes on what the hub answers: one message as JSON, or several as server-sent events, each when it comes. */
const ask = async (relay: McpRelay, body: Message, signal: AbortSignal): Promise<void> => {
  const { api, session } = relay;
  const headers = {
    accept: 'application/json, text/event-stream',
    ...(session === undefined ? {} : { [mcpSessionHeader]: session }),
  };
  const events = new EventReader((message) => write(relay, message));
  const answer = await api.send(
    { method: 'POST', path: mcpPath, body, headers },
    { signal, timeoutMs: callDeadlineMs, onData: (chunk) => events.add(chunk) },
  );
  if (answer.contentType.startsWith('text/event-stream')) return events.end();
  const text = new TextDecoder().decode(answer.body);
  if (text === '') return;
  const value = parse(text) as { jsonrpc?: unknown; message?: unknown } | undefined;
  if (value?.jsonrpc === '2.0') return write(relay, value);
  throw new NavisError(
    'INTERNAL',
    typeof value?.message === 'string' ? value.message : `The hub answered ${answer.status}.`,
  );
};

/** Reads server-sent events from pieces; what is no event tells nothing. */
class EventReader {
  readonly #onMessage: (message: unknown) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  add(chunk: Uint8Array): void {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const events = this.#rest.split(/\r?\n\r?\n/);
    this.#rest = events.pop() ?? '';
    events.forEach((event) => this.#read(event));
  }

  end(): void {
    this.#read(this.#rest);
    this.#rest = '';
  }

  #read(event: string): void {
    const data = event
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart())
      .join('\n');
    const message = data === '' ? undefined : parse(data);
    if (message !== undefined) this.#onMessage(message);
  }
}

const failure = (id: unknown, error: { code: number; message: string }) => ({ jsonrpc: '2.0', id, error });

const write = ({ output }: McpRelay, message: unknown): void => void output.write(`${JSON.stringify(message)}\n`);
