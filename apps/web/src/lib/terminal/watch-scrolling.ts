/** Wheels and fingers on a terminal's place: scrolling, its edges, pinches and long presses. */
import type { MountedTerminal } from './create-terminal.ts';
import { PixelScroller, isAtEdge, ownsScrolling } from './scrolling.ts';
import type { Edge } from './scrolling.ts';
import { TouchGestures } from './touch-gestures.ts';

export interface ScrollWatch {
  /** Absent until it is mounted. */
  mounted: () => MountedTerminal | undefined;
  /** Somebody wants to go on where the lines end. */
  onEdge: (edge: Edge) => void;
  /** How far two fingers moved apart since they began. */
  onPinch?: (scale: number) => void;
  onPinchEnd?: () => void;
  onLongPress?: () => void;
}

/** Returns how to stop. */
export const watchScrolling = (place: HTMLElement, watch: ScrollWatch): (() => void) => {
  let scroller: PixelScroller | undefined;
  const onScroll = ({ x, y }: { x: number; y: number }): void => {
    const mounted = watch.mounted();
    if (mounted === undefined) return;
    scroller ??= new PixelScroller({
      terminal: mounted.terminal,
      lineHeight: () => mounted.cell().height,
      onEdge: watch.onEdge,
    });
    scroller.scroll(y);
    place.scrollLeft += x;
  };
  const onWheel = ({ deltaY }: WheelEvent): void => {
    const terminal = watch.mounted()?.terminal;
    if (terminal === undefined || deltaY === 0 || ownsScrolling(terminal)) return;
    const edge = deltaY < 0 ? 'top' : 'bottom';
    if (isAtEdge(terminal, edge)) watch.onEdge(edge);
  };
  const gestures = new TouchGestures(place, {
    onScroll,
    onPinch: (scale) => watch.onPinch?.(scale),
    onPinchEnd: () => watch.onPinchEnd?.(),
    onLongPress: () => watch.onLongPress?.(),
  });
  const listening = new AbortController();
  place.addEventListener('wheel', onWheel, { capture: true, passive: true, signal: listening.signal });
  return () => {
    listening.abort();
    gestures[Symbol.dispose]();
  };
};
