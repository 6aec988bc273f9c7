/** A node that does nothing should cost little (M1): after its start, and after every burst of work, it gives memory back. */
import { garbageCollector } from '@navisai/machine';

export interface IdleMemory extends Disposable {
  /** A frame came or went. */
  note(): void;
}

const windowMs = 5000;
/** Heartbeats and what answers them; more is work, and somebody waits for it. */
const calmFrames = 6;

export const keepMemorySmall = (collect: () => void = garbageCollector()): IdleMemory => {
  let frames = 0;
  let isDue = true;
  const timer = setInterval(() => {
    const isCalm = frames <= calmFrames;
    frames = 0;
    if (!isCalm) isDue = true;
    else if (isDue) {
      isDue = false;
      collect();
    }
  }, windowMs);
  return {
    note() {
      frames += 1;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
};
