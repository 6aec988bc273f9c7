/** `node:path` as scp understands it; without a node the path is on this machine. */
import { usageError } from '../output/command-error.ts';

export interface Location {
  /** Id or name; `undefined`: this machine. */
  node: string | undefined;
  /** As given; empty after `node:` means the home there. */
  path: string;
}

const nodePrefix = /^([A-Za-z0-9._-]{1,64}):/;

/** A colon after a slash belongs to the path: `./a:b`. Throws a usage error naming the argument. */
export const parseLocation = (text: string, shown: string): Location => {
  const [prefix, node] = nodePrefix.exec(text) ?? [];
  if (prefix !== undefined) return { node, path: text.slice(prefix.length) };
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  if (colon === -1 || (slash !== -1 && slash < colon)) return { node: undefined, path: text };
  throw usageError(
    `${shown}: what stands before the colon is not the id or name of a node.`,
    'A local path with a colon is written ./a:b',
  );
};

export const formatLocation = ({ node, path }: Location): string => (node === undefined ? path : `${node}:${path}`);

/** The last part of a path, for a copy into a directory; `undefined` for `/`, `.`, `..`, `~` and the like. */
export const baseName = (path: string): string | undefined => {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return ['', '.', '..', '~'].includes(last) ? undefined : last;
};

/** A path below a directory. */
export const below = (directory: string, name: string): string =>
  directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
