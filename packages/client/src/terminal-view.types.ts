/** The state of one attached terminal on a client: the same for the CLI's `attach` and the PWA. */
import type { LinkState } from '@navisai/link';
import type { EventData, NavisError, TerminalInfo } from '@navisai/protocol';

export type Controller = NonNullable<TerminalInfo['controller']>;
export type TerminalSnapshot = Omit<EventData<'terminal.snapshot'>, 'terminalId'>;
export type TerminalExit = Omit<EventData<'terminal.exit'>, 'terminalId'>;

export interface TerminalViewOptions {
  terminalId: string;
  /** Begin with the screen (default); false: begin with bytes at `from`, and end with VIEWER_OVERFLOW when too slow. */
  snapshot?: boolean;
  /** Offset to continue from; default: the screen, or the oldest retained byte. */
  from?: number;
  /** Lines above the screen in snapshots; default 1000. */
  scrollback?: number;
  /** Bytes under way without having been consumed; default 256 KiB. */
  windowBytes?: number;
  /** Take control as soon as attached: `always` from whoever holds it, `ifFree` only from nobody. Default: never. */
  control?: 'never' | 'ifFree' | 'always';
}

/** `attaching` also while reconnecting; `ended`: the hub ended the view (`error` says why) or it was closed. */
export type TerminalPhase = 'attaching' | 'live' | 'exited' | 'ended';

export interface TerminalViewState {
  phase: TerminalPhase;
  link: LinkState;
  /** As told at the last attach. `null` before the first. */
  info: TerminalInfo | null;
  controller: Controller | null;
  /** This view is in control: input and resize are accepted. */
  isInControl: boolean;
  columns: number;
  rows: number;
  /** The last screen was behind the program's output; true until the bytes up to then have come. */
  isCatchingUp: boolean;
  exit: TerminalExit | null;
  error: NavisError | null;
}

export interface TerminalHandlers {
  /** Reset the terminal to `columns` × `rows` and write `data`; what follows continues at `snapshot.offset`. */
  onReset(snapshot: TerminalSnapshot): void | Promise<void>;
  /**
   * Raw bytes, in order, without gap or overlap. Resolve when they are really consumed (written, parsed): until then they
   * count against the credit, and the hub sends no more than the window.
   */
  onBytes(chunk: { offset: number; bytes: Uint8Array }): void | Promise<void>;
  /** The bytes [from, to) were left out: not retained any more, or this view was too slow; a screen or bytes from `to` follow. */
  onSkipped?(range: { from: number; to: number }): void | Promise<void>;
  /** In order with the bytes. */
  onResized?(size: { columns: number; rows: number; offset: number }): void | Promise<void>;
  /** After the last byte. */
  onExit?(exit: TerminalExit): void;
  onControl?(control: { controller: Controller | null; isMine: boolean }): void;
  /** The hub refused input, resize or control (CONTROL_REQUIRED, BACK_PRESSURE, FORBIDDEN, TERMINAL_EXITED …). */
  onRefused?(error: NavisError): void;
  /** Something in `view.state` changed. */
  onState?(state: TerminalViewState): void;
}

/** `down` not connected, `full` too much is waiting to leave, `notInControl`, `exited`: nothing was sent or queued. */
export type InputOutcome = 'sent' | 'down' | 'full' | 'notInControl' | 'exited';

export interface TerminalView {
  readonly state: TerminalViewState;
  /** Keys as the terminal sends them (Enter is `\r`); text is sent as UTF-8. */
  input(data: string | Uint8Array): InputOutcome;
  /** Kept and sent again after a reconnect while in control. */
  resize(size: { columns: number; rows: number }): InputOutcome;
  /** Asked for again after a reconnect when it was held. */
  takeControl(options?: { ifFree?: boolean }): InputOutcome;
  releaseControl(): InputOutcome;
  close(): void;
}
