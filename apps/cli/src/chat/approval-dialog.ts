/** Asks the person, one after the other, about what the agent wants to do. */
import { decideCall, type HubConnection } from '@navisai/client';
import { type ApprovalOf, NavisError } from '@navisai/protocol';
import type { Interface } from 'node:readline';
import { approvalLines } from '../output/approval-lines.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

export interface ApprovalDialogOptions {
  hub: HubConnection;
  output: Output;
  prompt: Interface;
}

type Answer = { kind: 'once' } | { kind: 'session' } | { kind: 'reject'; comment: string | undefined };

export class ApprovalDialog {
  readonly #options: ApprovalDialogOptions;
  #last: Promise<void> = Promise.resolve();
  #question: { id: string; abort: AbortController } | undefined;
  readonly #decided = new Set<string>();

  constructor(options: ApprovalDialogOptions) {
    this.#options = options;
  }

  get isAsking(): boolean {
    return this.#question !== undefined;
  }

  /** Resolves when it is decided, here or elsewhere. */
  ask(approval: ApprovalOf<'call'>): Promise<void> {
    this.#last = this.#last.catch(() => undefined).then(() => this.#askNow(approval));
    return this.#last;
  }

  /** It was decided elsewhere. */
  forget({ id, state }: ApprovalOf<'call'>): void {
    this.#decided.add(id);
    if (this.#question?.id !== id) return;
    this.#question.abort.abort();
    this.#options.output.remark(`(${state} on another device)`);
  }

  async #askNow(approval: ApprovalOf<'call'>): Promise<void> {
    const { output } = this.#options;
    if (this.#decided.has(approval.id)) return;
    for (const line of ['', ...approvalLines(approval)]) output.remark(line);
    const answer = await this.#read(approval);
    if (answer === undefined) return;
    this.#decided.add(approval.id);
    await this.#decide(approval, answer);
  }

  /** `undefined` when it was decided elsewhere meanwhile. */
  async #read(approval: ApprovalOf<'call'>): Promise<Answer | undefined> {
    const abort = new AbortController();
    this.#question = { id: approval.id, abort };
    try {
      const scopes = approval.detail.proposed === null ? '' : ', [s] yes for this session';
      const text = await this.#line(`Allow it? [y] yes${scopes}, [n] no, or say why not: `, abort.signal);
      if (text === undefined) return undefined;
      if (/^y(es)?$/i.test(text)) return { kind: 'once' };
      if (/^s$/i.test(text) && scopes !== '') return { kind: 'session' };
      return { kind: 'reject', comment: /^(no?)?$/i.test(text) ? undefined : text };
    } finally {
      this.#question = undefined;
    }
  }

  #line(question: string, signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
      this.#options.prompt.question(question, { signal }, (text) => resolve(text.trim()));
    });
  }

  async #decide(approval: ApprovalOf<'call'>, answer: Answer): Promise<void> {
    const { hub, output } = this.#options;
    try {
      if (answer.kind === 'reject')
        await hub.api.reject({ params: { id: approval.id }, body: { comment: answer.comment } });
      else await decideCall(hub, { approval, grant: answer.kind });
    } catch (error) {
      if (!(error instanceof NavisError) || error.code !== 'CONFLICT') throw error;
      output.remark(printable(error.message));
    }
  }
}
