/** What a test writes for the scripted model server, and what it can look at afterwards. */
import type { ModelProviderKind } from '@navisai/protocol';

/** One answer of a model; given in the shape of whichever provider was asked. */
export interface ModelTurn {
  thinking?: string;
  /** Sent word by word; a list is sent as these pieces. */
  text?: string | readonly string[];
  calls?: readonly { tool: string; arguments: unknown }[];
  usage?: { inputTokens?: number; outputTokens?: number; cachedInputTokens?: number };
  /** Default: `tool_calls` where there are calls, else `stop`. */
  finish?: 'stop' | 'tool_calls' | 'length' | 'refused';
  /** Between pieces. */
  delayMs?: number;
  /** Waited for before anything is answered: holds an answer back until the test says so. */
  after?: Promise<unknown>;
  /** 400 and above: an error of this status instead of an answer. */
  status?: number;
  /** The words of the error of `status`. */
  error?: string;
  retryAfterSeconds?: number;
  /** Extra headers of the answer. */
  headers?: Record<string, string>;
  /** The connection is cut after this many pieces of thinking, text or arguments; 0: before the first. */
  cutAfter?: number;
  /** True: the request is taken and never answered. A number: silence after this many pieces. */
  hang?: boolean | number;
}

/** A request as it really came. */
export interface ModelServerRequest {
  kind: ModelProviderKind;
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  /** The parsed JSON; null without one. */
  body: unknown;
  /** The body as it came, to look for something in it. */
  text: string;
  /** The model that was asked for. */
  model: string;
  /** What the model was shown, in one shape for every provider; `tool` for results of calls. */
  messages: { role: 'system' | 'user' | 'assistant' | 'tool'; text: string }[];
  /** The last thing that the person said. */
  said: string;
  /** Names of the tools that were offered. */
  tools: string[];
}

/** Answers a request, or `undefined`: the next script is asked. */
export type ModelScript = (request: ModelServerRequest) => ModelTurn | undefined | Promise<ModelTurn | undefined>;

export interface ModelServer extends AsyncDisposable {
  readonly port: number;
  /** What a provider of this kind is set up with. */
  baseUrl(kind: ModelProviderKind): string;
  /**
   * Adds a script: turns, each used once in this order, or a function. With `match` only for requests whose body has this
   * text, so that several runs follow their own scripts; those are asked first. Without a script a request is answered
   * with status 400.
   */
  script(turns: ModelScript | ModelTurn | readonly ModelTurn[], match?: string | RegExp): void;
  /** Every request for an answer, oldest first; of its last 1000. */
  readonly requests: readonly ModelServerRequest[];
  /** Forgets scripts and requests. */
  reset(): void;
  /** What the lists of models tell. */
  models: { id: string; contextTokens?: number }[];
  /** Requests that are being answered; also those of a hanging turn. */
  readonly open: number;
}
