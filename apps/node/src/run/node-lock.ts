/** One node per home. */
import { acquireProcessLock } from '@navisai/service';

/** Throws NavisError CONFLICT when another process is the node of this home. */
export const lockNode = (file: string): Disposable => acquireProcessLock(file, 'The node of this home runs already.');
