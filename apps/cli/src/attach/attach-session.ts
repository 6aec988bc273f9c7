/** One attached terminal: joins the person's own terminal and the view of the hub, across reconnects and changes of control. */
import type { Live, TerminalExit, TerminalSnapshot, TerminalView, TerminalViewState } from '@navisai/client';
import type { NavisError, TerminalInfo } from '@navisai/protocol';
import type { KeyEvent } from './detach-keys.ts';
import type { LocalTerminal, TerminalSize } from './local-terminal.ts';
import { QueryFilter } from './query-filter.ts';
import { StatusLine } from './status-line.ts';

export type AttachEnd =
  { kind: 'detached' } | { kind: 'exited'; exit: TerminalExit } | { kind: 'failed'; error: NavisError };

export interface AttachOptions {
  live: Live;
  terminal: TerminalInfo;
  local: LocalTerminal;
  /** False: watch only. */
  isControlling: boolean;
  /** How the person takes control, for messages. */
  takeControlHint: string;
}

/** Lines above the screen that the first paint brings into the local scrollback. */
const firstScrollback = 1_000;
/** The other side's screen is painted at its own size when it has not taken ours by then. */
const resizeDeadlineMs = 1_000;
/** Keys typed while the connection is away wait for it; more than this is refused with a bell. */
const maxWaitingInputBytes = 4096;
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
  /** The screen that came has another size than ours; the next one is painted, once ours has been taken. */
  #resizeTimer: NodeJS.Timeout | undefined;
  #mayPaintOtherSize = false;
  /** Bytes before this offset were answered by somebody else already. */
  #answeredUpTo = 0;
  #waitingInput: Buffer[] = [];
  #waitingBytes = 0;
  #inputTimer: NodeJS.Timeout | undefined;
  #hasControlled = false;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.#wantsControl = options.isControlling;
    this.#status = new StatusLine(options.local, options.terminal.name);
  }

  /** Resolves when the person detaches, the program ends, or the hub ends the view. */
  async run(): Promise<AttachEnd> {
    this.#openView();
    const end = await this.#ended.promise;
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

  #openView(): void {
    const { live, terminal, local } = this.#options;
    this.#view?.close();
    this.#view = undefined;
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = undefined;
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
        scrollback: this.#hasPainted ? 0 : firstScrollback,
        control: this.#wantsControl ? 'always' : 'never',
      },
      {
        onReset: guarded((snapshot) => this.#onScreen(snapshot)),
        onBytes: guarded((chunk) => this.#onBytes(chunk)),
        onResized: guarded((size) => this.#onRemoteSize(size)),
        onExit: guarded((exit) => this.#ended.resolve({ kind: 'exited', exit })),
        onControl: guarded(({ isMine }) => this.#onControl(isMine)),
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
      this.#resizeTimer = setTimeout(() => {
        this.#mayPaintOtherSize = true;
        this.#openView();
      }, resizeDeadlineMs);
      return;
    }
    local.clear(!this.#hasPainted);
    this.#hasPainted = true;
    this.#mayPaintOtherSize = false;
    this.#filter.flush();
    if (!this.#wantsControl && !this.#fits(snapshot))
      this.#status.showTooSmall(snapshot, this.#options.takeControlHint);
    else local.write(snapshot.data);
    this.#status.showName();
  }

  #onBytes({ offset, bytes }: { offset: number; bytes: Uint8Array }): void {
    const view = this.#view;
    if (view === undefined || this.#resizeTimer !== undefined) return;
    if (!this.#wantsControl && !this.#fits(view.state)) return;
    const isOurs = view.state.isInControl && offset >= this.#answeredUpTo;
    if (!isOurs) return this.#options.local.write(this.#filter.filter(bytes));
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

  #onControl(isMine: boolean): void {
    const { isInControl, phase, controller } = this.#view?.state ?? {};
    if (isMine) {
      this.#status.showName();
      this.#flushInput();
    } else if (this.#wantsControl && this.#hasControlled && phase === 'live' && isInControl === false && controller) {
      this.#wantsControl = false;
      this.#dropWaitingInput();
      this.#status.showWatching(controller.name, this.#options.takeControlHint);
    }
    this.#hasControlled = isMine;
  }

  #takeControl(): void {
    this.#wantsControl = true;
    this.#openView();
  }

  #onRefused(error: NavisError): void {
    if (error.code === 'BACK_PRESSURE') return this.#status.showRemark('the program does not read its input');
    if (error.code !== 'FORBIDDEN' || !this.#wantsControl) return;
    this.#wantsControl = false;
    queueMicrotask(() => this.#openView());
  }

  #onState(state: TerminalViewState): void {
    if (state.phase === 'live' && state.info !== null)
      this.#answeredUpTo = Math.max(this.#answeredUpTo, state.info.endOffset);
    if (state.error !== null) this.#ended.resolve({ kind: 'failed', error: state.error });
    const hadBanner = this.#status.onLink(state.link);
    if (hadBanner) queueMicrotask(() => this.#openView());
  }

  #type(bytes: Buffer): void {
    const { link, phase } = this.#view?.state ?? {};
    if (link?.kind === 'reconnecting') this.#options.live.retryNow();
    if (!this.#wantsControl || phase === 'exited') return this.#options.local.bell();
    if (this.#waitingBytes + bytes.length > maxWaitingInputBytes && phase !== 'live') return this.#options.local.bell();
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
