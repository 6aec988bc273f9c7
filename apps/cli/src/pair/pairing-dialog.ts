/** Waits for the device that uses a pairing link, shows who knocks, and asks the person. */
import type { HubConnection } from '@navisai/client';
import type { Approval, ApprovalOf, HubEvent } from '@navisai/protocol';
import { createInterface } from 'node:readline/promises';
import { CommandError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { approvalLines } from '../output/approval-lines.ts';
import { printable } from '../output/printable.ts';
import type { PairingLink } from './pairing-lines.ts';

export interface PairingDialogOptions {
  hub: HubConnection;
  link: PairingLink;
  output: Output;
}

type Outcome = { kind: 'decided'; approval: ApprovalOf<'pairing'> } | { kind: 'expired' } | { kind: 'interrupted' };

const interruptedExitCode = 130;

export class PairingDialog {
  readonly #options: PairingDialogOptions;
  readonly #outcome = Promise.withResolvers<Outcome>();
  readonly #question = new AbortController();
  #asked: string | undefined;

  constructor(options: PairingDialogOptions) {
    this.#options = options;
  }

  /** Resolves with the exit code. */
  async run(): Promise<number> {
    const { hub, link, output } = this.#options;
    const onInterrupt = (): void => this.#outcome.resolve({ kind: 'interrupted' });
    process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
    const remainingMs = Math.max(0, Date.parse(link.expiresAt) - Date.now());
    const timer = setTimeout(() => this.#outcome.resolve({ kind: 'expired' }), remainingMs);
    output.line('Waiting for the device … (Ctrl-C makes the link void)');
    const stream = hub.live().followHub({
      onEvent: (event) => this.#onEvent(event),
      onLive: () => void this.#catchUp(),
      onEnd: (error) => this.#outcome.reject(error),
    });
    try {
      return await this.#conclude(await this.#outcome.promise);
    } finally {
      clearTimeout(timer);
      this.#question.abort();
      stream.close();
      process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
    }
  }

  #onEvent(event: HubEvent): void {
    if (event.type === 'approval.request') void this.#ask(event.data.approval);
    if (event.type !== 'approval.updated' || event.data.approval.kind !== 'pairing') return;
    const { approval } = event.data;
    if (approval.id === this.#asked) this.#outcome.resolve({ kind: 'decided', approval });
  }

  /** The device may have knocked before the connection was there, or while it was away. */
  async #catchUp(): Promise<void> {
    try {
      const { approvals } = await this.#options.hub.api.pendingApprovals();
      const [approval] = approvals.filter(({ kind }) => kind === 'pairing');
      if (approval !== undefined) await this.#ask(approval);
    } catch (error) {
      this.#outcome.reject(error);
    }
  }

  async #ask(approval: Approval): Promise<void> {
    if (this.#asked !== undefined || approval.kind !== 'pairing') return;
    this.#asked = approval.id;
    const { hub, output } = this.#options;
    for (const line of ['', ...approvalLines(approval), '']) output.line(line);
    using prompt = createInterface({ input: process.stdin, output: process.stdout });
    prompt.on('SIGINT', () => this.#outcome.resolve({ kind: 'interrupted' }));
    try {
      const answer = await prompt.question('Does the device show this code, and may it in? [y/N] ', {
        signal: this.#question.signal,
      });
      const isApproved = /^\s*y(es)?\s*$/i.test(answer);
      const params = { id: approval.id };
      const decided = isApproved ? await hub.api.approve({ params, body: {} }) : await hub.api.reject({ params });
      if (decided.kind === 'pairing') this.#outcome.resolve({ kind: 'decided', approval: decided });
    } catch (error) {
      if (!this.#question.signal.aborted) this.#outcome.reject(error);
    }
  }

  async #conclude(outcome: Outcome): Promise<number> {
    const { hub, output } = this.#options;
    switch (outcome.kind) {
      case 'decided': {
        const { state, detail } = outcome.approval;
        const name = printable(detail.deviceName);
        if (state === 'approved') output.line(`${output.colors.green('✓')} ${name} is paired.`);
        else output.line(`${name} was not let in (${state}).`);
        return state === 'approved' ? 0 : 1;
      }
      case 'expired':
        throw new CommandError('No device used the link in time.', {
          code: 'NOT_FOUND',
          exitCode: 5,
          affects: 'Nothing was paired.',
          remedy: 'navisai pair',
        });
      case 'interrupted':
        await hub.api.closePairing();
        if (this.#asked !== undefined) await hub.api.reject({ params: { id: this.#asked } }).catch(() => undefined);
        output.remark('\nThe link is void.');
        return interruptedExitCode;
    }
  }
}
