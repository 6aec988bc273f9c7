/** Which sessions one device may see, remembered so that an event does not cost a look into the store. */
import type { Device, Session } from '@navisai/protocol';
import type { Hub } from '../hub.ts';

/** The oldest answers are forgotten beyond this. */
const maxRemembered = 5_000;

export class VisibleSessions {
  readonly #hub: Hub;
  readonly #device: Device;
  readonly #answers = new Map<string, boolean>();

  constructor(hub: Hub, device: Device) {
    this.#hub = hub;
    this.#device = device;
  }

  /** `session` as an event shows it: that of a closed one can be asked for no more. */
  known(sessionId: string, session?: Session): boolean | undefined {
    return session?.userId === this.#device.userId ? true : this.#answers.get(sessionId);
  }

  /** Never rejects: what cannot be decided is not shown. */
  async ask(sessionId: string): Promise<boolean> {
    const known = this.known(sessionId);
    if (known !== undefined) return known;
    const answer = await this.#hub.visibleSession(this.#device, sessionId).then(
      () => true,
      () => false,
    );
    if (this.#answers.size >= maxRemembered) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    this.#answers.set(sessionId, answer);
    return answer;
  }
}
