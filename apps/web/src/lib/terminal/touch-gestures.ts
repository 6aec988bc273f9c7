/** Fingers on a terminal: one scrolls with momentum, two change the size of text, a long press selects. */

export interface GestureHandlers {
  /** Lines to go down (positive) or up; fractions add up. */
  onScroll: (pixels: { x: number; y: number }) => void;
  /** How far two fingers moved apart, relative to where they began. */
  onPinch: (scale: number) => void;
  onPinchEnd: () => void;
  onLongPress: () => void;
}

const longPressMs = 500;
/** A finger that moved less is a tap. */
const slopPixels = 8;
/** Share of its speed that a flung page keeps per frame. */
const friction = 0.95;
const slowestFling = 0.4;

export class TouchGestures implements Disposable {
  readonly #handlers: GestureHandlers;
  readonly #listening = new AbortController();
  #last: { x: number; y: number; at: number } | undefined;
  #speed = { x: 0, y: 0 };
  #isScrolling = false;
  #pinchStart: number | undefined;
  #longPress: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor(element: HTMLElement, handlers: GestureHandlers) {
    this.#handlers = handlers;
    const { signal } = this.#listening;
    element.addEventListener('touchstart', (event) => this.#onStart(event), { signal, passive: true });
    element.addEventListener('touchmove', (event) => this.#onMove(event), { signal, passive: false });
    element.addEventListener('touchend', (event) => this.#onEnd(event), { signal, passive: false });
    element.addEventListener('touchcancel', () => this.#stop(), { signal });
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#listening.abort();
  }

  #onStart(event: TouchEvent): void {
    this.#stop();
    const [first, second] = event.touches;
    if (first === undefined) return;
    if (second !== undefined) {
      this.#pinchStart = distance(first, second);
      return;
    }
    this.#last = { x: first.clientX, y: first.clientY, at: event.timeStamp };
    this.#longPress = setTimeout(() => {
      this.#last = undefined;
      this.#handlers.onLongPress();
    }, longPressMs);
  }

  #onMove(event: TouchEvent): void {
    const [first, second] = event.touches;
    if (first === undefined) return;
    if (this.#pinchStart !== undefined && second !== undefined) {
      event.preventDefault();
      this.#handlers.onPinch(distance(first, second) / this.#pinchStart);
      return;
    }
    if (this.#last === undefined) return;
    const moved = { x: this.#last.x - first.clientX, y: this.#last.y - first.clientY };
    if (!this.#isScrolling && Math.hypot(moved.x, moved.y) < slopPixels) return;
    event.preventDefault();
    clearTimeout(this.#longPress);
    this.#isScrolling = true;
    const elapsed = Math.max(1, event.timeStamp - this.#last.at);
    this.#speed = { x: (moved.x / elapsed) * 16, y: (moved.y / elapsed) * 16 };
    this.#last = { x: first.clientX, y: first.clientY, at: event.timeStamp };
    this.#handlers.onScroll(moved);
  }

  #onEnd(event: TouchEvent): void {
    clearTimeout(this.#longPress);
    if (this.#pinchStart !== undefined && event.touches.length < 2) {
      this.#pinchStart = undefined;
      this.#handlers.onPinchEnd();
      return;
    }
    if (!this.#isScrolling) return;
    // No click follows a scroll, and so no keyboard opens.
    event.preventDefault();
    this.#isScrolling = false;
    this.#last = undefined;
    this.#fling();
  }

  #fling(): void {
    this.#speed = { x: this.#speed.x * friction, y: this.#speed.y * friction };
    if (Math.hypot(this.#speed.x, this.#speed.y) < slowestFling) return;
    this.#handlers.onScroll(this.#speed);
    this.#frame = requestAnimationFrame(() => this.#fling());
  }

  #stop(): void {
    clearTimeout(this.#longPress);
    cancelAnimationFrame(this.#frame);
    this.#last = undefined;
    this.#pinchStart = undefined;
    this.#isScrolling = false;
    this.#speed = { x: 0, y: 0 };
  }
}

const distance = (a: Touch, b: Touch): number => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
