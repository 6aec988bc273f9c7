/** Gives memory back that is no longer used: an idle program would keep its garbage, as nothing makes it collect. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By then it serves, and has done what it does at once. */
const startedMs = 2000;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** A full collection that also shrinks the heap, some tens of milliseconds; for moments in which nobody waits. */
export const garbageCollector = (): (() => void) => {
  let collect = globalThis.gc as Collect | undefined;
  return () => {
    collect ??= exposedLate();
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
};

/** Once a program has started, nothing else makes it give back what loading its code took. */
export const collectOnceStarted = (collect: () => void): void => void setTimeout(collect, startedMs).unref();

/** With flags that have changed compiled code of before is not found, nor that of now by a later start: so not before it must. */
const exposedLate = (): Collect => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
};
