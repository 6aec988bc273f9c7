/** Keeps a flood of bytes from making the garbage collector go through everything again and again. */
import { setFlagsFromString } from 'node:v8';

/** Flags that have changed hide code that was compiled before: by then it was found, and what is new was kept. */
const startedMs = 6000;

/**
 * V8 begins a full collection whenever some ten megabytes of buffers were made since the last, however few are in use:
 * every few megabytes of a flood, more than half of its processor time, and pauses beside it. With this flag buffers
 * count towards the limit that grows with the memory in use, as objects do.
 */
export const countBuffersOnceStarted = (): void =>
  void setTimeout(() => setFlagsFromString('--external-memory-accounted-in-global-limit'), startedMs).unref();
