/** One attached terminal: joins the person's own terminal and the view of the hub, across reconnects and changes of control. */
import type {
  Controller,
  LinkState,
  Live,
  TerminalExit,
  TerminalSnapshot,
  TerminalView,
  TerminalViewState,
} from '@navisai/client';
import { NavisError, type TerminalInfo } from '@navisai/protocol';
import type { KeyEvent } from './detach-keys.ts';
import type { LocalTerminal, TerminalSize } from './local-terminal.ts';
import { marginsOf, QueryFilter } from './query-filter.ts';
import { StatusLine } from './status-line.ts';

export type AttachEnd =
  { kind: 'detached' } | { kind: 'exited'; exit: TerminalExit } | { kind: 'failed'; error: NavisError };

export interface AttachOptions {
  live: Live;
  terminal: TerminalInfo;
  local: LocalTerminal;
  /** False: watch only. */
  isControlling: boolean;
  /** The hub has ended in order, so it is not expected back; asked while it is away. */
  isHubStopped(): Promise<boolean>;
  /** How the person takes control, for messages. */
  takeControlHint: string;
}

/** Lines above the screen that the first paint brings into the local scrollback. */
const firstScrollback = 1_000;
/** The other side's screen is painted at its own size when it has not taken ours by then. */
const resizeDeadlineMs = 1_000;
/** Keys typed while the connection is away wait for it; more than this is refused with a bell. */
const maxWaitingInputBytes = 4096;
/** The screen is painted anew when a reconnect had to be announced over it, soon after the connection is back. */
const repaintDelayMs = 250;
const hubStopped = 'The hub was stopped, and its terminals with it unless it was told to keep them.';
/** A hub that ended in order and is not back by then was not restarted. */
const stoppedAfterMs = 5_000;
/** Line ends up to the end of a screen, and where its cursor stood. */
const emptyEnd = /(?:\r\n)+(?:\x1b\[\d*(?:;\d*)?H)?$/;
/** Pause before input that did not fit is tried again. */
const inputRetryMs = 20;

export class AttachSession {
  readonly #options: AttachOptions;
  readonly #filter = new QueryFilter();
  readonly #status: StatusLine;
  readonly #ended = Promise.withResolvers<AttachEnd>();
  #view: TerminalView | undefined;
  #wantsControl: boolean;
  #hasPainted = false;
  /** The person was told so; forgotten when something comes from there. */
  #isNodeAway = false;
  /** The screen that came has another size than ours; the next one is painted, once ours has been taken. */
  #resizeTimer: NodeJS.Timeout | undefined;
  #mayPaintOtherSize = false;
  /** Bytes before this offset were answered by somebody else already. */
  #answeredUpTo = 0;
  #waitingInput: Buffer[] = [];
  #waitingBytes = 0;
  #inputTimer: NodeJS.Timeout | undefined;
  /** How the hub knows us as the one in control; not told yet by the present view when `undefined`. */
  #ownViewerId: string | undefined;
  #waitingScreen: TerminalSnapshot | undefined;
  #repaintTimer: NodeJS.Timeout | undefined;
  /** Offset after what this window shows; `undefined` before the first screen. */
  #shownTo: number | undefined;
  /** The next screen is painted where the bytes have got to it: lines that come meanwhile would be missing above it. */
  #isPaintedInPlace = false;
  #screenInPlace: TerminalSnapshot | undefined;
  #awayTimer: NodeJS.Timeout | undefined;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.#wantsControl = options.isControlling;
    this.#status = new StatusLine(options.local, options.terminal.name);
  }

  /** Resolves when the person detaches, the program ends, or the hub ends the view. */
  async run(): Promise<AttachEnd> {
    const stopFollowing = this.#options.live.onState((link) => this.#onLink(link));
    this.#openView();
    const end = await this.#ended.promise;
    stopFollowing();
    clearTimeout(this.#repaintTimer);
    clearTimeout(this.#awayTimer);
    clearTimeout(this.#resizeTimer);
    clearTimeout(this.#inputTimer);
    this.#status.close();
    this.#view?.close();
    return end;
  }

  detach(): void {
    this.#ended.resolve({ kind: 'detached' });
  }

  onKeys(events: readonly KeyEvent[]): void {
    for (const event of events) {
      if (event.kind === 'detach') this.detach();
      else if (event.kind === 'takeControl') this.#takeControl();
      else this.#type(event.bytes);
    }
  }

  onLocalSize(size: TerminalSize): void {
    if (this.#wantsControl) this.#view?.resize(size);
    else this.#openView();
  }

  /** Paints everything anew: after a stop and continue, or a banner over the screen. */
  repaint(): void {
    this.#openView();
  }

  /** Begins with a screen; with `from`, with the bytes that follow. */
  #openView(from?: number): void {
    const { live, terminal, local } = this.#options;
    this.#view?.close();
    this.#view = undefined;
    clearTimeout(this.#resizeTimer);
    clearTimeout(this.#repaintTimer);
    this.#resizeTimer = undefined;
    this.#repaintTimer = undefined;
    this.#waitingScreen = undefined;
    this.#screenInPlace = undefined;
    this.#ownViewerId = undefined;
    const isCurrent = (): boolean => this.#view === view;
    const guarded =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args): void => {
        if (view === undefined || isCurrent()) handle(...args);
      };
    let view: TerminalView | undefined = undefined;
    view = live.viewTerminal(
      {
        terminalId: terminal.id,
        from,
        scrollback: this.#hasPainted ? 0 : firstScrollback,
        control: this.#wantsControl ? 'always' : 'never',
      },
      {
        onReset: guarded((snapshot) => this.#onScreen(snapshot)),
        onBytes: guarded((chunk) => this.#onBytes(chunk)),
        onResized: guarded((size) => this.#onRemoteSize(size)),
        onExit: guarded((exit) => this.#onExit(exit)),
        onControl: guarded(({ controller }) => this.#onControl(controller)),
        onRefused: guarded((error) => this.#onRefused(error)),
        onState: guarded((state) => this.#onState(state)),
      },
    );
    this.#view = view;
    if (this.#wantsControl) view.resize(local.size);
  }

  #onScreen(snapshot: TerminalSnapshot): void {
    const { local } = this.#options;
    const isOurSize = snapshot.columns === local.size.columns && snapshot.rows === local.size.rows;
    if (!isOurSize && this.#wantsControl && !this.#mayPaintOtherSize) {
      this.#waitingScreen = snapshot;
      this.#resizeTimer = setTimeout(() => {
        this.#mayPaintOtherSize = true;
        this.#openView();
      }, resizeDeadlineMs);
      return;
    }
    this.#mayPaintOtherSize = false;
    const isInPlace = this.#isPaintedInPlace;
    this.#isPaintedInPlace = false;
    if (this.#wantsControl || this.#fits(snapshot))
      return isInPlace ? this.#paintInPlace(snapshot) : this.#paint(snapshot);
    local.clear(!this.#hasPainted);
    this.#hasPainted = true;
    this.#shownTo = undefined;
    this.#status.showTooSmall(snapshot, this.#options.takeControlHint);
  }

  /** A screen of before what is shown already would double lines: another one is asked for. */
  #paintInPlace(snapshot: TerminalSnapshot): void {
    const shownTo = this.#shownTo;
    if (shownTo === undefined || snapshot.offset === shownTo) return this.#paint(snapshot);
    this.#openView(shownTo);
    if (snapshot.offset > shownTo) this.#screenInPlace = snapshot;
    else this.#repaintSoon();
  }

  #paint(snapshot: TerminalSnapshot): void {
    const { local } = this.#options;
    local.clear(!this.#hasPainted);
    this.#hasPainted = true;
    this.#shownTo = snapshot.offset;
    this.#screenInPlace = undefined;
    this.#filter.flush();
    const isLetterboxed = !this.#wantsControl && snapshot.rows < local.size.rows;
    if (isLetterboxed) local.write(marginsOf(snapshot.rows));
    local.write(snapshot.data);
    this.#status.showName();
  }

  #onExit(exit: TerminalExit): void {
    // The program did not live to take our size: the end of its last screen is shown, without the empty lines below.
    const screen = this.#waitingScreen;
    if (screen !== undefined) this.#paint({ ...screen, data: screen.data.replace(emptyEnd, '') });
    this.#ended.resolve({ kind: 'exited', exit });
  }

  #onBytes({ offset, bytes }: { offset: number; bytes: Uint8Array }): void {
    const view = this.#view;
    if (view === undefined || this.#resizeTimer !== undefined) return;
    if (!this.#wantsControl && !this.#fits(view.state)) return;
    if (this.#isNodeAway) this.#status.showName();
    this.#isNodeAway = false;
    const screen = this.#screenInPlace;
    const before = screen === undefined ? bytes.length : screen.offset - offset;
    this.#write(view, offset, bytes.subarray(0, before));
    if (screen === undefined || before > bytes.length) return;
    this.#paint(screen);
    this.#write(view, screen.offset, bytes.subarray(before));
  }

  #write({ state }: TerminalView, offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#shownTo = offset + bytes.length;
    const isOurs = state.isInControl && offset >= this.#answeredUpTo;
    const marginRows = this.#wantsControl ? undefined : state.rows;
    if (!isOurs) return this.#options.local.write(this.#filter.filter(bytes, marginRows));
    this.#options.local.write(this.#filter.flush());
    this.#options.local.write(bytes);
  }

  #onRemoteSize(size: TerminalSize): void {
    const { local } = this.#options;
    const isOurSize = size.columns === local.size.columns && size.rows === local.size.rows;
    if (this.#resizeTimer !== undefined ? isOurSize : !this.#wantsControl) queueMicrotask(() => this.#openView());
  }

  #fits({ columns, rows }: TerminalSize): boolean {
    const { size } = this.#options.local;
    return columns <= size.columns && rows <= size.rows;
  }

  #onControl(controller: Controller | null): void {
    if (this.#view?.state.isInControl === true) {
      this.#ownViewerId = controller?.viewerId;
      this.#wantsControl = true;
      this.#status.showName();
      this.#flushInput();
      return;
    }
    // After a reconnect the hub may still tell of ourselves as we were before; and nobody will become us again.
    const isLost = controller !== null && this.#ownViewerId !== undefined && controller.viewerId !== this.#ownViewerId;
    if (!isLost || !this.#wantsControl) return;
    this.#wantsControl = false;
    this.#dropWaitingInput();
    this.#status.showWatching(controller.name, this.#options.takeControlHint);
  }

  #takeControl(): void {
    this.#wantsControl = true;
    this.#openView();
  }

  #onRefused(error: NavisError): void {
    if (error.code === 'BACK_PRESSURE') return this.#status.showRemark('the program does not read its input');
    if (error.code === 'LINK_DOWN' || error.code === 'NODE_OFFLINE') {
      this.#isNodeAway = true;
      return this.#status.showRemark('its node is away; what was typed was not sent');
    }
    if (error.code !== 'FORBIDDEN' || !this.#wantsControl) return;
    this.#wantsControl = false;
    queueMicrotask(() => this.#openView());
  }

  #onState(state: TerminalViewState): void {
    if (state.phase === 'live' && state.info !== null)
      this.#answeredUpTo = Math.max(this.#answeredUpTo, state.info.endOffset);
    if (state.error !== null) this.#ended.resolve({ kind: 'failed', error: state.error });
  }

  #onLink(link: LinkState): void {
    if (link.kind === 'refused') {
      this.#ended.resolve({ kind: 'failed', error: new NavisError(link.code, link.message) });
      return;
    }
    if (link.kind === 'connected') {
      clearTimeout(this.#awayTimer);
      this.#awayTimer = undefined;
    } else this.#awayTimer ??= setTimeout(() => void this.#judgeAbsence(), stoppedAfterMs);
    const hadBanner = this.#status.onLink(link);
    if (hadBanner) this.#repaintSoon();
  }

  #repaintSoon(): void {
    clearTimeout(this.#repaintTimer);
    this.#repaintTimer = setTimeout(() => {
      this.#isPaintedInPlace = true;
      this.#openView();
    }, repaintDelayMs);
  }

  /** A hub that crashed is waited for; one that was stopped has ended its terminals, or will say nothing more about them. */
  async #judgeAbsence(): Promise<void> {
    const isStopped = await this.#options.isHubStopped();
    if (this.#awayTimer === undefined) return;
    if (isStopped) this.#ended.resolve({ kind: 'failed', error: new NavisError('HUB_UNREACHABLE', hubStopped) });
    else this.#awayTimer = setTimeout(() => void this.#judgeAbsence(), stoppedAfterMs);
  }

  #type(bytes: Buffer): void {
    const { live, local } = this.#options;
    const { isInControl, phase } = this.#view?.state ?? {};
    if (live.state.kind === 'reconnecting') live.retryNow();
    if (!this.#wantsControl || phase === 'exited') return local.bell();
    if (isInControl !== true && this.#waitingBytes + bytes.length > maxWaitingInputBytes) return local.bell();
    this.#waitingInput.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#flushInput();
  }

  /** In order; what cannot leave now waits. Large pastes are paced by the socket, never dropped. */
  #flushInput(): void {
    clearTimeout(this.#inputTimer);
    for (let next = this.#waitingInput[0]; next !== undefined; next = this.#waitingInput[0]) {
      const outcome = this.#view?.input(next) ?? 'down';
      if (outcome !== 'sent') {
        if (outcome === 'full') this.#inputTimer = setTimeout(() => this.#flushInput(), inputRetryMs);
        this.#options.local.pauseInput(outcome === 'full');
        return;
      }
      this.#waitingInput.shift();
      this.#waitingBytes -= next.length;
    }
    this.#options.local.pauseInput(false);
  }

  #dropWaitingInput(): void {
    this.#waitingInput = [];
    this.#waitingBytes = 0;
  }
}
