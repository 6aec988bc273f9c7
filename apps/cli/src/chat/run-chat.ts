/** A conversation in this terminal: one question from words and stdin, or a dialogue until the person leaves. */
import type { HubConnection } from '@navisai/client';
import { type ApprovalOf, NavisError, type RunEndReason } from '@navisai/protocol';
import { approvalLines } from '../output/approval-lines.ts';
import type { Output } from '../output/output.ts';
import { printable, toJson } from '../output/printable.ts';
import { ApprovalDialog } from './approval-dialog.ts';
import { ChatScreen } from './chat-screen.ts';
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

/** What acts in this terminal only; the hub tells the rest. */
const ownHelp = [
  '/continue: goes on with a run that was interrupted, stopped or failed',
  '/exit: leaves; the conversation is kept. Ctrl-D as well',
  'Ctrl-C: stops the agent; again, while it rests: leaves',
  'A line that ends in \\, and what is pasted, goes on with the next line.',
].join('\n');

/** Resolves with the exit code. */
export const runChat = async (options: ChatOptions): Promise<number> => {
  using chat = new Chat(options);
  return await chat.run();
};

class Chat implements Disposable {
  readonly #options: ChatOptions;
  readonly #screen: ChatScreen;
  readonly #transcript: Transcript;
  readonly #stream: ChatStream;
  readonly #dialog: ApprovalDialog | undefined;
  readonly #left = Promise.withResolvers<number>();
  readonly #nodeNames = new Map<string, string>();
  /** Messages that were not dealt with yet. */
  #underWay = 0;
  #interrupts = 0;

  constructor(options: ChatOptions) {
    const { hub, sessionId, output, isInteractive } = options;
    this.#options = options;
    this.#screen = new ChatScreen({ output, isInteractive, isDialogue: options.question === null });
    this.#transcript = new Transcript({ output, screen: this.#screen, sessionId, nodeNames: this.#nodeNames });
    this.#dialog = isInteractive ? new ApprovalDialog({ hub, screen: this.#screen }) : undefined;
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
    this.#screen.on('interrupt', onInterrupt);
    const { question } = this.#options;
    const isLive = this.#stream.start();
    void this.#learnNodes();
    if (question === null) this.#converse(isLive);
    try {
      await isLive;
      return await (question === null ? this.#left.promise : Promise.race([this.#ask(question), this.#left.promise]));
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
    this.#stream[Symbol.dispose]();
  }

  /** Until they are known, and where they cannot be, nodes are shown by their ids. */
  async #learnNodes(): Promise<void> {
    const { nodes } = await this.#options.hub.api.nodes({ query: {} }).catch(() => ({ nodes: [] }));
    for (const { id, name } of nodes) this.#nodeNames.set(id, name);
  }

  async #ask(text: string): Promise<number> {
    this.#underWay += 1;
    this.#screen.work();
    try {
      const end = await this.#stream.say(text);
      this.#transcript.breakLine();
      return exitCodeOf(end?.reason ?? null);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#screen.rest();
    }
  }

  /** What is typed before the conversation is followed is said then. */
  #converse(isLive: Promise<void>): void {
    this.#screen.on('said', (text) => void isLive.then(() => this.#onSaid(text), ignore));
    this.#screen.on('left', () => this.#left.resolve(0));
    void isLive.then(() => (this.#underWay === 0 ? this.#screen.rest() : undefined), ignore);
  }

  async #onSaid(said: string): Promise<void> {
    this.#interrupts = 0;
    const text = said.trim();
    if (text === '/exit' || text === '/quit') return this.#left.resolve(0);
    if (text === '/help') this.#screen.remark(ownHelp);
    if (text !== '') await this.#ask(text).catch((error: unknown) => this.#tell(error));
    else if (this.#underWay === 0) this.#screen.rest();
  }

  async #onApproval(approval: ApprovalOf<'call'>): Promise<void> {
    const { output } = this.#options;
    if (output.isJson) return output.line(toJson({ type: 'approval.request', data: { approval } }));
    this.#transcript.breakLine();
    if (this.#dialog === undefined) for (const line of approvalLines(approval)) output.remark(line);
    else if (await this.#isDealtWith(this.#dialog, approval)) return;
    output.remark(`It waits for you: navisai approvals approve ${approval.id}`);
  }

  async #isDealtWith(dialog: ApprovalDialog, approval: ApprovalOf<'call'>): Promise<boolean> {
    try {
      return await dialog.ask(approval);
    } catch (error) {
      this.#tell(error);
      return true;
    }
  }

  /** Stops the agent; where it rests already, a second one leaves. */
  async #interrupt(): Promise<void> {
    const { hub, sessionId, question } = this.#options;
    this.#interrupts += 1;
    if (this.#interrupts > 2 || (this.#underWay === 0 && this.#interrupts > 1))
      return this.#left.resolve(interruptedExitCode);
    if (this.#underWay === 0)
      return this.#screen.remark('(Ctrl-C again, Ctrl-D or /exit leaves; the conversation is kept)');
    await hub.api.stopRun({ params: { id: sessionId } }).catch((error: unknown) => this.#tell(error));
    if (question === null) this.#interrupts = 0;
  }

  #tell(error: unknown): void {
    const said = error instanceof NavisError ? error.message : String(error);
    this.#screen.remark(`navisai: ${printable(said)}`);
  }
}

/** Whoever waits for the conversation hears of it. */
const ignore = (): void => undefined;

const exitCodeOf = (reason: RunEndReason | null): number => {
  if (reason === null || reason === 'completed') return 0;
  return reason === 'stopped' ? interruptedExitCode : 1;
};
