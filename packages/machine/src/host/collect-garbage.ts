/** Gives memory back that is no longer used: an idle program would keep its garbage, as nothing makes it collect. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** A full collection that also shrinks the heap, some tens of milliseconds; for moments in which nobody waits. */
export const garbageCollector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  return () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
};
