/** One `run` whose output is shown while it comes, and whose signals are the person's. */
import type { HubConnection } from '@navisai/client';
import { NavisError, newId, type ToolResult } from '@navisai/protocol';
import { callTool } from '../hub/call-tool.ts';
import { CommandError } from '../output/command-error.ts';
import { brokenPipeExitCode, type Output } from '../output/output.ts';
import { commandExitCode, hasRun, isOwnEnd, toolExitCode } from '../output/tool-exit-code.ts';
import { CallOutput } from './call-output.ts';

export interface StreamedRunOptions {
  hub: HubConnection;
  sessionId: string;
  /** Where it runs; default: the hub's own machine. */
  nodeId: string | undefined;
  /** Arguments of the tool `terminal`, without `call_id` and `node_id`. */
  input: Record<string, unknown>;
  output: Output;
}

type CommandSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGHUP';

/** A command that handles its interrupt sooner needs no hint. */
const hintAfterMs = 1_000;
const interruptedExitCode = 130;
/** For a command whose reader has gone, between hangup and kill. */
const hangupDeadlineMs = 1_000;

export class StreamedRun {
  readonly #options: StreamedRunOptions;
  readonly #callId = newId('call');
  #interrupts = 0;
  #isReaderGone = false;

  constructor(options: StreamedRunOptions) {
    this.#options = options;
  }

  /** Resolves with the exit code. */
  async run(): Promise<number> {
    const { hub, sessionId, nodeId, input, output } = this.#options;
    const stopListening = this.#listenToSignals();
    const stream = output.isJson ? undefined : this.#follow();
    output.onBrokenPipe = () => void this.#leaveBehind();
    try {
      const onAway = (): void => output.remark('navisai: the hub is away; the command goes on …');
      const addressed = { ...input, ...(nodeId === undefined ? {} : { node_id: nodeId }), call_id: this.#callId };
      const call = { sessionId, tool: 'terminal', input: addressed };
      const result = await callTool(hub.api, call, { onAway });
      if (this.#isReaderGone) return brokenPipeExitCode;
      if (stream === undefined) output.result(result, () => []);
      else await this.#finish(result, stream);
      return commandExitCode(result);
    } finally {
      stream?.close();
      stopListening();
    }
  }

  #follow(): CallOutput {
    const { hub, sessionId, nodeId, output } = this.#options;
    return new CallOutput({
      hub,
      call: { sessionId, callId: this.#callId, nodeId },
      onOutput: ({ stream, bytes }) => output.stream(stream, bytes),
    });
  }

  /** Shows what is still under way, then why it failed if that was not the command's own end. */
  async #finish(result: ToolResult, stream: CallOutput): Promise<void> {
    const { output } = this.#options;
    if (hasRun(result)) await this.#drain(result, stream);
    for (const warning of result.metadata.warnings ?? []) output.remark(`navisai: ${warning}`);
    if (isOwnEnd(result)) return;
    throw new CommandError(result.error?.message ?? 'The call failed.', {
      code: result.error?.code ?? 'INTERNAL',
      exitCode: toolExitCode(result),
    });
  }

  async #drain(result: ToolResult, stream: CallOutput): Promise<void> {
    const { output } = this.#options;
    const outcome = await stream.drain();
    // The stream did not come about at all: the result has the output too.
    if (stream.bytes === 0 && result.output !== '(no output)') output.raw(result.output);
    else if (outcome === 'late') output.remark('navisai: the end of the output may be missing');
  }

  /** Ctrl-C reaches the command; a second one kills it; a third one leaves without waiting. */
  #listenToSignals(): () => void {
    let hint: NodeJS.Timeout | undefined;
    const onInterrupt = (): void => {
      this.#interrupts += 1;
      if (this.#interrupts > 2) process.exit(interruptedExitCode);
      void this.#signal(this.#interrupts === 1 ? 'SIGINT' : 'SIGKILL');
      hint ??= setTimeout(() => this.#options.output.remark('navisai: Ctrl-C again kills the command'), hintAfterMs);
    };
    const onTerminate = (): void => void this.#signal('SIGTERM');
    const onHangup = (): void => void this.#signal('SIGHUP');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onHangup);
    return () => {
      clearTimeout(hint);
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onHangup);
    };
  }

  async #signal(signal: CommandSignal): Promise<void> {
    const { hub, sessionId, nodeId, output } = this.#options;
    try {
      await hub.api.signalCall({ params: { id: sessionId, callId: this.#callId }, body: { signal, nodeId } });
    } catch (error) {
      // It has ended meanwhile: its result is on the way.
      if (error instanceof NavisError && error.code === 'NOT_FOUND') return;
      output.remark(`navisai: ${signal} did not reach the command: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** `navisai run … | head`: the reader has what it wanted, so the command ends as it would by SIGPIPE. */
  async #leaveBehind(): Promise<void> {
    if (this.#isReaderGone) return;
    this.#isReaderGone = true;
    await this.#signal('SIGHUP');
    setTimeout(() => void this.#signal('SIGKILL'), hangupDeadlineMs);
  }
}
