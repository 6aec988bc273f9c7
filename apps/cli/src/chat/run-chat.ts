/** A conversation in this terminal: one question from words and stdin, or a dialogue until the person leaves. */
import type { HubConnection } from '@navisai/client';
import { type ApprovalOf, NavisError, type RunEndReason } from '@navisai/protocol';
import { createInterface, type Interface } from 'node:readline';
import { approvalLines } from '../output/approval-lines.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { ApprovalDialog } from './approval-dialog.ts';
import { ChatStream } from './chat-stream.ts';
import { Transcript } from './transcript.ts';

export interface ChatOptions {
  hub: HubConnection;
  sessionId: string;
  /** Null: a dialogue. */
  question: string | null;
  /** The person can be asked here. */
  isInteractive: boolean;
  output: Output;
}

const interruptedExitCode = 130;

/** Resolves with the exit code. */
export const runChat = async (options: ChatOptions): Promise<number> => {
  using chat = new Chat(options);
  return await chat.run();
};

class Chat implements Disposable {
  readonly #options: ChatOptions;
  readonly #transcript: Transcript;
  readonly #stream: ChatStream;
  readonly #prompt: Interface | undefined;
  readonly #dialog: ApprovalDialog | undefined;
  readonly #left = Promise.withResolvers<number>();
  /** Messages that were not dealt with yet. */
  #underWay = 0;
  #interrupts = 0;

  constructor(options: ChatOptions) {
    const { hub, sessionId, output } = options;
    this.#options = options;
    this.#transcript = new Transcript(output);
    this.#prompt = options.isInteractive ? openPrompt(options.question === null) : undefined;
    this.#dialog = this.#prompt && new ApprovalDialog({ hub, output, prompt: this.#prompt });
    this.#stream = new ChatStream({
      hub,
      sessionId,
      onEvent: (event) => this.#transcript.show(event),
      onApproval: (approval) => void this.#onApproval(approval),
      onDecided: (approval) => this.#dialog?.forget(approval),
      onEnd: (error) => this.#left.reject(error),
    });
    // Whoever waits for it hears of it; nobody may.
    this.#left.promise.catch(() => undefined);
  }

  async run(): Promise<number> {
    const onInterrupt = (): void => void this.#interrupt();
    process.on('SIGINT', onInterrupt);
    this.#prompt?.on('SIGINT', onInterrupt);
    try {
      await this.#stream.start();
      const { question } = this.#options;
      return question === null ? await this.#converse() : await Promise.race([this.#ask(question), this.#left.promise]);
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  }

  [Symbol.dispose](): void {
    this.#prompt?.close();
    this.#stream[Symbol.dispose]();
  }

  async #ask(text: string): Promise<number> {
    this.#underWay += 1;
    try {
      const reason = await this.#stream.say(text);
      this.#transcript.breakLine();
      return exitCodeOf(reason);
    } finally {
      this.#underWay -= 1;
    }
  }

  #converse(): Promise<number> {
    const prompt = this.#prompt;
    prompt?.on('line', (line) => void this.#onLine(line));
    prompt?.on('close', () => this.#left.resolve(0));
    prompt?.prompt();
    return this.#left.promise;
  }

  async #onLine(line: string): Promise<void> {
    if (this.#dialog?.isAsking === true) return;
    this.#interrupts = 0;
    const text = line.trim();
    if (text === '/exit' || text === '/quit') return this.#left.resolve(0);
    if (text !== '') await this.#ask(text).catch((error: unknown) => this.#tell(error));
    if (this.#underWay === 0) this.#prompt?.prompt();
  }

  async #onApproval(approval: ApprovalOf<'call'>): Promise<void> {
    const { output } = this.#options;
    if (output.isJson) return output.line(JSON.stringify({ type: 'approval.request', data: { approval } }));
    this.#transcript.breakLine();
    if (this.#dialog !== undefined) return this.#dialog.ask(approval).catch((error: unknown) => this.#tell(error));
    for (const line of approvalLines(approval)) output.remark(line);
    output.remark(`It waits for you: navisai approvals approve ${approval.id}`);
  }

  /** Stops the agent; where it rests already, a second one leaves. */
  async #interrupt(): Promise<void> {
    const { hub, sessionId, output, question } = this.#options;
    this.#interrupts += 1;
    if (this.#interrupts > 2 || (this.#underWay === 0 && this.#interrupts > 1))
      return this.#left.resolve(interruptedExitCode);
    if (this.#underWay === 0)
      return output.remark('\n(Ctrl-C again, Ctrl-D or /exit leaves; the conversation is kept)');
    await hub.api.stopRun({ params: { id: sessionId } }).catch((error: unknown) => this.#tell(error));
    if (question === null) this.#interrupts = 0;
  }

  #tell(error: unknown): void {
    const said = error instanceof NavisError ? error.message : String(error);
    this.#options.output.remark(`navisai: ${printable(said)}`);
  }
}

const openPrompt = (isDialogue: boolean): Interface =>
  createInterface({ input: process.stdin, output: process.stderr, prompt: isDialogue ? '› ' : '', historySize: 500 });

const exitCodeOf = (reason: RunEndReason | null): number => {
  if (reason === null || reason === 'completed') return 0;
  return reason === 'stopped' ? interruptedExitCode : 1;
};
