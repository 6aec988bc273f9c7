/** The command on one of many nodes: its call, its lines while they come, its signals. */
import type { HubConnection } from '@navisai/client';
import { NavisError, newId, toErrorBody, type ToolResult } from '@navisai/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { callTool } from '../hub/call-tool.ts';
import { hasRun } from '../output/tool-exit-code.ts';
import { CallOutput } from '../run/call-output.ts';
import type { Outcome, Target } from './fleet.types.ts';
import { LineSplitter } from './line-splitter.ts';

export type CommandSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGHUP';

export interface NodeRunOptions {
  hub: HubConnection;
  sessionId: string;
  target: Target;
  /** Arguments of the tool `terminal`, without `call_id` and `node_id`. */
  input: Record<string, unknown>;
  /** Without it nothing is followed: the result has the output. */
  show: ((stream: 'stdout' | 'stderr', line: string) => Promise<void>) | undefined;
  remark: (text: string) => void;
}

/** A signal may come before the node knows the call. */
const signalRetryMs = 200;
const maxSignalAttempts = 25;

/** The command was not begun, because nobody there could begin it. */
const unreachableCodes: ReadonlySet<string> = new Set(['NODE_OFFLINE', 'NODE_UNKNOWN', 'NODE_REVOKED', 'LINK_DOWN']);

export class NodeRun {
  readonly #options: NodeRunOptions;
  readonly #callId = newId('call');
  readonly #splitters: Record<'stdout' | 'stderr', LineSplitter>;
  #lastShown: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: NodeRunOptions) {
    this.#options = options;
    const splitter = (stream: 'stdout' | 'stderr'): LineSplitter =>
      new LineSplitter((line) => (this.#lastShown = options.show?.(stream, line) ?? Promise.resolve()));
    this.#splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') };
  }

  /** Never rejects. */
  async run(): Promise<Outcome> {
    const { hub, sessionId, target, input, show, remark } = this.#options;
    const begun = performance.now();
    const stream = show === undefined ? undefined : this.#follow();
    const call = { sessionId, tool: 'terminal', input: { ...input, node_id: target.id, call_id: this.#callId } };
    try {
      const onAway = (): void => remark('the hub is away; commands go on …');
      const result = await callTool(hub.api, call, { onAway, isHubKnown: true });
      this.#hasEnded = true;
      const durationMs = performance.now() - begun;
      if (stream !== undefined && hasRun(result)) await this.#drain(result, stream);
      await this.#finishLines();
      return outcomeOf(result, durationMs);
    } catch (error) {
      return refusal(error, performance.now() - begun);
    } finally {
      this.#hasEnded = true;
      stream?.close();
    }
  }

  /** Reaches the command also when it is only about to begin. */
  async signal(signal: CommandSignal): Promise<void> {
    const { hub, sessionId, target, remark } = this.#options;
    const params = { id: sessionId, callId: this.#callId };
    for (let attempt = 1; !this.#hasEnded; attempt += 1) {
      try {
        await hub.api.signalCall({ params, body: { signal, nodeId: target.id } });
        return;
      } catch (error) {
        const isNotThere = error instanceof NavisError && error.code === 'NOT_FOUND';
        if (!isNotThere || attempt >= maxSignalAttempts) {
          const reason = toErrorBody(error).message;
          if (!this.#hasEnded) remark(`${signal} did not reach ${target.name}: ${reason}`);
          return;
        }
        await delay(signalRetryMs);
      }
    }
  }

  #follow(): CallOutput {
    const { hub, sessionId, target } = this.#options;
    return new CallOutput({
      hub,
      call: { sessionId, callId: this.#callId, nodeId: target.id },
      onOutput: ({ stream, bytes }) => {
        this.#splitters[stream].push(bytes);
        return this.#lastShown;
      },
    });
  }

  async #drain(result: ToolResult, stream: CallOutput): Promise<void> {
    const outcome = await stream.drain();
    // The stream did not come about at all: the result has the output too.
    if (stream.bytes === 0 && result.output !== '(no output)')
      this.#splitters.stdout.push(new TextEncoder().encode(result.output));
    else if (outcome === 'late')
      this.#options.remark(`the end of the output of ${this.#options.target.name} may be missing`);
  }

  async #finishLines(): Promise<void> {
    for (const splitter of Object.values(this.#splitters)) splitter.end();
    await this.#lastShown;
  }
}

const outcomeOf = (result: ToolResult, durationMs: number): Outcome => {
  if (result.success) return { state: 'succeeded', result, durationMs };
  const { code = 'INTERNAL', message = 'The call failed.' } = result.error ?? {};
  return notBegun(code, message) ?? { state: 'failed', result, durationMs };
};

const refusal = (error: unknown, durationMs: number): Outcome => {
  const { code, message } = toErrorBody(error);
  return notBegun(code, message) ?? { state: 'failed', error: { code, message }, durationMs };
};

const notBegun = (code: string, message: string): Outcome | undefined => {
  if (unreachableCodes.has(code)) return { state: 'not_run', why: { kind: 'unreachable', reason: message } };
  if (code === 'NODE_DRAINING') return { state: 'not_run', why: { kind: 'draining', reason: message } };
  return undefined;
};
