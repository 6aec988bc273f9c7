/** What every program of ours that runs for long needs on its machine: private files, one instance, a bounded log, deadlines. */
export { countBuffersOnceStarted } from './buffers-as-memory.ts';
export { withDeadline } from './deadline.ts';
export { readFileIfThere, readJsonIfThere, writePrivateFile } from './private-file.ts';
export { acquireProcessLock } from './process-lock.ts';
export { Secret } from './secret.ts';
export { openRotatingFile, type RotatingFile } from './rotating-file.ts';
