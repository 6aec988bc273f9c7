/** What a sandbox is made of, before it becomes arguments. */

/** Mounted in the order of their depth, so that the inner lies over the outer. */
export interface Mount {
  kind: 'read' | 'write' | 'emptyDirectory' | 'emptyFile';
  source: string;
  target: string;
}
