/** One open terminal page as reactive state: what it shows, who is in control, what its keys do. */
import type { TerminalViewState } from '@navisai/client';
import type { Hub } from '../hub/hub.svelte.ts';
import type { Notices } from '../notices/notices.svelte.ts';
import type { MountedTerminal } from './create-terminal.ts';
import { applyModifiers, encodeSpecialKey, noModifiers } from './keys.ts';
import type { Modifiers, SpecialKey } from './keys.ts';
import type { Size } from './screen.types.ts';
import { TerminalSession, sessionWindowBytes, snapshotScrollback } from './terminal-session.ts';
import type { SessionProblem } from './terminal-session.ts';

export interface LiveTerminalOptions {
  hub: Hub;
  notices: Notices;
  mounted: MountedTerminal;
  terminalId: string;
  takesControl: boolean;
}

/** Keys typed before control came are sent when it comes within this time: a slow network, not a long absence. */
const heldKeysMs = 10_000;
const maxHeldKeys = 4_096;

export class LiveTerminal implements Disposable {
  readonly mounted: MountedTerminal;
  readonly #options: LiveTerminalOptions;
  readonly #session: TerminalSession;
  #state: TerminalViewState;
  #parsedOffset = $state(0);
  #skippedBytes = $state(0);
  #modifiers: Modifiers = $state.raw(noModifiers);
  #held = { keys: '', until: 0 };

  constructor(options: LiveTerminalOptions) {
    this.#options = options;
    this.mounted = options.mounted;
    const { hub, terminalId, takesControl } = options;
    const control = takesControl && hub.may('operator') ? 'ifFree' : 'never';
    this.#session = new TerminalSession({
      screen: options.mounted.terminal,
      view: (handlers) =>
        hub.live.viewTerminal(
          { terminalId, control, scrollback: snapshotScrollback, windowBytes: sessionWindowBytes },
          handlers,
        ),
      onChange: () => this.#update(),
      onProblem: (problem) => this.#onProblem(problem),
      transformInput: (data) => this.#applySticky(data),
    });
    this.#state = $state.raw(this.#session.state);
  }

  get state(): TerminalViewState {
    return this.#state;
  }

  get parsedOffset(): number {
    return this.#parsedOffset;
  }

  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** There is output that scrolling up here does not reach. */
  get hasOlderLines(): boolean {
    return this.#session.hasOlderLines;
  }

  get modifiers(): Modifiers {
    return this.#modifiers;
  }

  toggleModifier(name: keyof Modifiers): void {
    this.#modifiers = { ...this.#modifiers, [name]: !this.#modifiers[name] };
  }

  pressKey(key: SpecialKey): void {
    const { applicationCursorKeysMode } = this.mounted.terminal.modes;
    this.#session.input(encodeSpecialKey(key, this.#modifiers, applicationCursorKeysMode));
    this.#modifiers = noModifiers;
  }

  /** Types text as if on the keyboard. */
  type(text: string): void {
    this.#session.input(this.#applySticky(text));
  }

  resize(size: Size): void {
    if (this.#state.isInControl) this.#session.resize(size);
  }

  takeControl(): void {
    this.#session.takeControl();
    this.mounted.terminal.focus();
  }

  releaseControl(): void {
    this.#session.releaseControl();
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
    this.mounted[Symbol.dispose]();
  }

  #applySticky(data: string): string {
    const changed = applyModifiers(data, this.#modifiers);
    if (changed !== data) this.#modifiers = noModifiers;
    return changed;
  }

  #update(): void {
    // The first changes come while the session is being made.
    if (this.#session === undefined) return;
    this.#state = this.#session.state;
    this.#parsedOffset = this.#session.parsedOffset;
    this.#skippedBytes = this.#session.skippedBytes;
    if (this.#held.keys !== '' && this.#state.controller !== null) this.#sendHeldKeys();
  }

  /** Somebody has control now. Nobody's keys are dropped without a word. */
  #sendHeldKeys(): void {
    const { keys, until } = this.#held;
    this.#held = { keys: '', until: 0 };
    if (!this.#state.isInControl) this.#onUncontrolled(keys);
    else if (performance.now() < until) this.#session.input(keys);
    else this.#options.notices.show({ tone: 'bad', text: 'Control came too late: what you typed was not sent.' });
  }

  #onProblem(problem: SessionProblem): void {
    const { notices } = this.#options;
    if (problem.kind === 'refused') {
      notices.show({ tone: 'bad', text: problem.error.message });
      return;
    }
    switch (problem.outcome) {
      case 'notInControl':
        this.#onUncontrolled(problem.data);
        break;
      case 'down':
        notices.show({ tone: 'bad', text: 'Not connected: what you type is not sent.' });
        break;
      case 'full':
        notices.show({ tone: 'bad', text: 'The connection is too slow for this much input; nothing of it was sent.' });
        break;
      case 'exited':
        break;
    }
  }

  /** Typing into a terminal that nobody controls takes control; the keys wait for it. */
  #onUncontrolled(data: string | Uint8Array | undefined): void {
    const { hub, notices } = this.#options;
    if (typeof data !== 'string') return;
    if (!hub.may('operator')) {
      notices.show({ tone: 'calm', text: 'This device may only look.' });
      return;
    }
    const { controller } = this.#state;
    if (controller !== null) {
      const action = { label: 'Take control', run: () => this.takeControl() };
      notices.show({ tone: 'calm', text: `${controller.name} is in control.`, action });
      return;
    }
    this.#held = { keys: (this.#held.keys + data).slice(0, maxHeldKeys), until: performance.now() + heldKeysMs };
    this.#session.takeControl({ ifFree: true });
  }
}
