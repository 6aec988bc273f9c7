/** What happened on this machine, numbered, so that a hub that was away hears each once and in order. */
import type { Machine, MachineEvent } from '@navisai/machine';
import { boundedEvent } from './bounded-text.ts';

/** EVENTS_DROPPED: a hub that missed more than this sees the difference in the state only. */
const maxKept = { events: 1000, characters: 4 * 1024 * 1024 } as const;

interface KeptEvent {
  number: number;
  encoded: string;
}

export class EventLog {
  readonly #stop: () => void;
  readonly #listener: (encoded: string) => void;
  readonly #kept: KeptEvent[] = [];
  #keptCharacters = 0;
  #last = 0;

  /** The listener is told every event, encoded. */
  constructor(machine: Machine, listener: (encoded: string) => void) {
    this.#listener = listener;
    this.#stop = machine.onEvent((event) => this.#add(event));
  }

  /** Number of the last event. */
  get last(): number {
    return this.#last;
  }

  /** What is kept of the events after this number. */
  after(number: number): string[] {
    return this.#kept.filter((event) => event.number > number).map(({ encoded }) => encoded);
  }

  close(): void {
    this.#stop();
  }

  #add(event: MachineEvent): void {
    // Only the newest of these counts, and the state has it.
    const isKept = event.type !== 'terminal.updated';
    if (isKept) this.#last += 1;
    const encoded = JSON.stringify({ type: 'event', number: this.#last, event: boundedEvent(event) });
    if (isKept) this.#keep({ number: this.#last, encoded });
    this.#listener(encoded);
  }

  #keep(event: KeptEvent): void {
    this.#kept.push(event);
    this.#keptCharacters += event.encoded.length;
    while (this.#kept.length > maxKept.events || this.#keptCharacters > maxKept.characters)
      this.#keptCharacters -= this.#kept.shift()?.encoded.length ?? 0;
  }
}
