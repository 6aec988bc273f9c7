/** Asks the person, one after the other, about what the agent wants to do. */
import { decideCall, type HubConnection } from '@navisai/client';
import { type ApprovalOf, NavisError, withdrawnBecause } from '@navisai/protocol';
import { approvalLines } from '../output/approval-lines.ts';
import { printable } from '../output/printable.ts';
import type { ChatScreen } from './chat-screen.ts';

export interface ApprovalDialogOptions {
  hub: HubConnection;
  screen: ChatScreen;
}

type Answer = { kind: 'once' } | { kind: 'session' } | { kind: 'reject'; comment: string | undefined };

export class ApprovalDialog {
  readonly #options: ApprovalDialogOptions;
  #last: Promise<unknown> = Promise.resolve();
  #question: { id: string; abort: AbortController } | undefined;
  readonly #decided = new Set<string>();

  constructor(options: ApprovalDialogOptions) {
    this.#options = options;
  }

  get isAsking(): boolean {
    return this.#question !== undefined;
  }

  /** Whether it is decided, here or elsewhere; `false`: the person has left, and it waits. */
  ask(approval: ApprovalOf<'call'>): Promise<boolean> {
    const asked = this.#last.catch(() => undefined).then(() => this.#askNow(approval));
    this.#last = asked;
    return asked;
  }

  /** It was decided elsewhere, or is not asked any more. */
  forget(approval: ApprovalOf<'call'>): void {
    const { id, state } = approval;
    this.#decided.add(id);
    if (this.#question?.id !== id) return;
    this.#question.abort.abort();
    const unanswered = withdrawnBecause(approval) ?? 'Nobody answered in time.';
    this.#options.screen.remark(`(${state === 'expired' ? printable(unanswered) : `${state} on another device`})`);
  }

  async #askNow(approval: ApprovalOf<'call'>): Promise<boolean> {
    if (this.#decided.has(approval.id)) return true;
    this.#options.screen.remark(['', ...approvalLines(approval)].join('\n'));
    const answer = await this.#read(approval);
    if (answer === undefined) return this.#decided.has(approval.id);
    this.#decided.add(approval.id);
    await this.#decide(approval, answer);
    return true;
  }

  /** `undefined` when it was decided elsewhere meanwhile, or the person left. */
  async #read(approval: ApprovalOf<'call'>): Promise<Answer | undefined> {
    const abort = new AbortController();
    this.#question = { id: approval.id, abort };
    try {
      const scopes = approval.detail.proposed === null ? '' : ', [s] yes for this session';
      const question = `Allow it? [y] yes${scopes}, [n] no, or say why not: `;
      const text = (await this.#options.screen.ask(question, abort.signal))?.trim();
      if (text === undefined) return undefined;
      if (/^y(es)?$/i.test(text)) return { kind: 'once' };
      if (/^s$/i.test(text) && scopes !== '') return { kind: 'session' };
      return { kind: 'reject', comment: /^(no?)?$/i.test(text) ? undefined : text };
    } finally {
      this.#question = undefined;
    }
  }

  async #decide(approval: ApprovalOf<'call'>, answer: Answer): Promise<void> {
    const { hub, screen } = this.#options;
    try {
      if (answer.kind === 'reject')
        await hub.api.reject({ params: { id: approval.id }, body: { comment: answer.comment } });
      else await decideCall(hub, { approval, grant: answer.kind });
    } catch (error) {
      if (!(error instanceof NavisError) || error.code !== 'CONFLICT') throw error;
      screen.remark(printable(error.message));
    }
  }
}
