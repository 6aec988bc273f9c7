/** Scrolls a terminal by pixels, as wheels and fingers do; says when there is no further way. */
import type { Terminal } from '@xterm/xterm';

export type Edge = 'top' | 'bottom';

type Scrollable = Pick<Terminal, 'buffer' | 'scrollLines' | 'modes' | 'element'>;

/** Keeps the fraction of a line between two calls. */
export class PixelScroller {
  readonly #terminal: Scrollable;
  readonly #lineHeight: () => number;
  readonly #onEdge: (edge: Edge) => void;
  #rest = 0;

  constructor(options: { terminal: Scrollable; lineHeight: () => number; onEdge: (edge: Edge) => void }) {
    this.#terminal = options.terminal;
    this.#lineHeight = options.lineHeight;
    this.#onEdge = options.onEdge;
  }

  /** Positive is down. */
  scroll(pixels: number): void {
    const height = this.#lineHeight();
    if (height <= 0) return;
    this.#rest += pixels / height;
    const lines = Math.trunc(this.#rest);
    this.#rest -= lines;
    if (lines === 0) return;
    if (ownsScrolling(this.#terminal)) this.#pretendWheel(lines);
    else if (isAtEdge(this.#terminal, lines < 0 ? 'top' : 'bottom')) this.#onEdge(lines < 0 ? 'top' : 'bottom');
    else this.#terminal.scrollLines(lines);
  }

  /** Full-screen programs and those that follow the mouse get what a wheel would send. */
  #pretendWheel(lines: number): void {
    const target = this.#terminal.element?.querySelector('.xterm-screen') ?? this.#terminal.element;
    const options = { deltaY: lines, deltaMode: WheelEvent.DOM_DELTA_LINE, bubbles: true, cancelable: true };
    target?.dispatchEvent(new WheelEvent('wheel', options));
  }
}

/** The program itself decides what scrolling means. */
export const ownsScrolling = ({ buffer, modes }: Pick<Terminal, 'buffer' | 'modes'>): boolean =>
  buffer.active.type === 'alternate' || modes.mouseTrackingMode !== 'none';

export const isAtEdge = ({ buffer }: Pick<Terminal, 'buffer'>, edge: Edge): boolean =>
  edge === 'top' ? buffer.active.viewportY === 0 : buffer.active.viewportY >= buffer.active.baseY;
