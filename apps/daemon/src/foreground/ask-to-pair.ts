/** Asks in the hub's own terminal whether to pair who knocks, with its name and short code (I14). */
import { type ApprovalOf, NavisError } from '@navisai/protocol';
import { type Announcement, showPairingLink } from './announce.ts';
import { printable } from './printable.ts';

/** Runs until it is disposed. */
export const askToPair = (announcement: Announcement): Disposable => {
  const { hub, console } = announcement;
  const { feed } = hub.services;
  const dialogue = new PairingDialogue(announcement);
  const stop = feed.listen(({ event }) => {
    if (event.type !== 'approval.request' && event.type !== 'approval.updated') return;
    const { approval } = event.data;
    if (approval.kind !== 'pairing') return;
    if (event.type === 'approval.request') dialogue.onRequest(approval);
    else dialogue.onUpdate(approval);
  });
  console.onLine((line) => void dialogue.onLine(line.trim().toLowerCase()));
  return { [Symbol.dispose]: stop };
};

class PairingDialogue {
  readonly #announcement: Announcement;
  #asked: ApprovalOf<'pairing'> | undefined;

  constructor(announcement: Announcement) {
    this.#announcement = announcement;
  }

  onRequest(approval: ApprovalOf<'pairing'>): void {
    const { console, commandName } = this.#announcement;
    const { colors, print } = console;
    const { deviceName, shortCode, requestedScope } = approval.detail;
    print();
    print(`${colors.bold(printable(deviceName))} wants to be paired ${colors.dim(`(scope ${requestedScope})`)}`);
    print(`It must show this code:  ${colors.bold(shortCode)}`);
    if (!console.isInteractive) return print(`Decide with: ${commandName} approvals`);
    this.#asked = approval;
    print('Pair it? y/n, then Enter');
  }

  onUpdate(approval: ApprovalOf<'pairing'>): void {
    const { print, colors } = this.#announcement.console;
    const wasAsked = this.#asked?.id === approval.id;
    if (wasAsked) this.#asked = undefined;
    const name = printable(approval.detail.deviceName);
    print(
      approval.state === 'approved'
        ? colors.green(`${name} is paired.`)
        : `${name} was not paired (${approval.state}).`,
    );
  }

  async onLine(line: string): Promise<void> {
    const asked = this.#asked;
    if (asked === undefined) return line === '' ? this.#showNewLink() : undefined;
    if (/^y(es)?$/.test(line)) return this.#decide(asked, 'approved');
    if (/^no?$/.test(line)) return this.#decide(asked, 'rejected');
    this.#announcement.console.print('Please answer y or n.');
  }

  async #showNewLink(): Promise<void> {
    try {
      await showPairingLink(this.#announcement);
    } catch (error) {
      this.#tell(error);
    }
  }

  async #decide({ id }: ApprovalOf<'pairing'>, state: 'approved' | 'rejected'): Promise<void> {
    const { approvals, host } = this.#announcement.hub.services;
    try {
      await approvals.decide({ id, state, by: host });
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    this.#announcement.console.print(error instanceof NavisError ? error.message : 'That did not work: navisai logs.');
  }
}
