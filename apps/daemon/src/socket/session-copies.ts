/** `session.update` of every session that a device may see, as live copies on the stream `hub`. */
import type { HubEvent } from '@navisai/protocol';
import { hubStream } from '@navisai/store';
import type { StreamEvent } from '@navisai/store';
import type { SubscriptionContext } from './subscription.types.ts';
import { VisibleSessions } from './visible-sessions.ts';

/** More undecided copies than this are dropped, and the client is told `live` again so that it fetches its lists. */
const maxUndecided = 1_000;

/** `session.update` of every session that the device may see, as they happen, unless the session's own stream shows them. */
export class SessionCopies {
  readonly #context: SubscriptionContext;
  readonly #visible: VisibleSessions;
  readonly #onMissed: () => void;
  readonly #stop: () => void;
  #undecided = 0;
  #hasMissed = false;
  #order = Promise.resolve();

  constructor(context: SubscriptionContext, onMissed: () => void) {
    this.#context = context;
    this.#onMissed = onMissed;
    this.#visible = new VisibleSessions(context.hub, context.device);
    this.#stop = context.hub.events.listen((event) => this.#onEvent(event));
  }

  close(): void {
    this.#stop();
  }

  #onEvent({ event, stream }: StreamEvent): void {
    if (stream === hubStream || event.type !== 'session.update' || this.#context.followsSession(stream)) return;
    const isVisible = this.#visible.known(stream, event.data.session);
    if (isVisible === false) return;
    if (this.#hasMissed || this.#context.outlet.isBusy || this.#undecided >= maxUndecided) this.#miss();
    else if (isVisible === true && this.#undecided === 0) this.#context.outlet.forward(event);
    else this.#decide(stream, event);
  }

  #decide(sessionId: string, event: HubEvent): void {
    this.#undecided += 1;
    this.#order = this.#order.then(async () => {
      const isVisible = await this.#visible.ask(sessionId);
      this.#undecided -= 1;
      if (isVisible) this.#context.outlet.forward(event);
    });
  }

  #miss(): void {
    if (this.#hasMissed) return;
    this.#hasMissed = true;
    void this.#order
      .then(() => this.#context.outlet.ready())
      .then(() => {
        this.#hasMissed = false;
        this.#onMissed();
      });
  }
}
