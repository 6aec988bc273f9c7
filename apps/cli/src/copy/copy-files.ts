/** Copies over the tool `filesystem`: within a node, between two nodes, and to and from a machine that is no node. */
import type { Api } from '@navisai/client';
import { mainNodeId, maxFileWriteBytes, timeoutSeconds, type ToolResult } from '@navisai/protocol';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { callTool } from '../hub/call-tool.ts';
import { resolveNode } from '../nodes/find-node.ts';
import { CommandError, usageError } from '../output/command-error.ts';
import { toolExitCode } from '../output/tool-exit-code.ts';
import { baseName, below, formatLocation, type Location } from './location.ts';

export interface CopyRequest {
  api: Api;
  sessionId: string;
  from: Location;
  to: Location;
  recursive: boolean;
  overwrite: boolean;
  createParents: boolean;
  /** This machine is the hub's own, so that it is a node. */
  isHubHere: boolean;
}

export interface Copied {
  from: string;
  to: string;
  /** When it is known. */
  bytes: number | undefined;
  warnings: string[];
}

/** Rejects with a CommandError that carries the tool's own error. */
export const copyFiles = async (request: CopyRequest): Promise<Copied> => {
  const { from, to, isHubHere, recursive } = request;
  if (isHubHere || (from.node !== undefined && to.node !== undefined)) return copyBetweenNodes(request);
  if (from.node === undefined && to.node === undefined)
    throw usageError('Both paths are on this machine, where the hub is not.', 'Use cp, or name a node: node:path');
  if (recursive)
    throw usageError(
      '-r needs both sides to be nodes, and this machine is none.',
      'Make an archive with tar, or this machine a node: navisai nodes add <name>, at the hub',
    );
  return from.node === undefined ? upload(request) : download(request);
};

interface Place {
  nodeId: string;
  path: string;
}

const copyBetweenNodes = async (request: CopyRequest): Promise<Copied> => {
  const { api, from, to, recursive, overwrite, createParents } = request;
  const [source, target] = await Promise.all([placeOf(api, from), placeOf(api, to)]);
  if (recursive && source.nodeId !== target.nodeId)
    throw usageError(
      'Only single files go from one node to another.',
      `Make an archive first: navisai run --node ${from.node ?? mainNodeId} -- tar czf all.tgz <directory>`,
    );
  const path = await targetPath(request, { place: target, source: source.path });
  const result = await callFilesystem(request, {
    action: 'copy',
    path: source.path,
    to: path,
    node_id: source.nodeId,
    to_node_id: target.nodeId === source.nodeId ? undefined : target.nodeId,
    recursive: recursive || undefined,
    overwrite: overwrite || undefined,
    create_parents: createParents || undefined,
    timeout: timeoutSeconds.max,
  });
  return {
    from: formatLocation({ ...from, path: source.path }),
    to: formatLocation({ ...to, path }),
    bytes: sizeOf(result),
    warnings: result.metadata.warnings ?? [],
  };
};

const placeOf = async (api: Api, { node, path }: Location): Promise<Place> => ({
  nodeId: (await resolveNode(api, node)) ?? mainNodeId,
  path: node === undefined ? resolve(path) : pathThere(path),
});

/** Relative paths begin in the home of the account there. */
const pathThere = (path: string): string => {
  if (path === '') return '~';
  return path.startsWith('/') || path.startsWith('~') ? path : `~/${path}`;
};

/** Into a directory that is there, under the name of the source; else exactly as given. */
const targetPath = async (
  request: CopyRequest,
  { place, source }: { place: Place; source: string },
): Promise<string> => {
  const isDirectory =
    place.path.endsWith('/') ||
    (await askFilesystem(request, { action: 'list', path: place.path, node_id: place.nodeId, limit: 1 })).success;
  if (!isDirectory) return place.path;
  const name = baseName(source);
  if (name === undefined) throw usageError('<to> is a directory, and <from> has no name to give the copy in it.');
  return below(place.path, name);
};

/** One `write`: its content is bounded, and there is no appending. */
const upload = async (request: CopyRequest): Promise<Copied> => {
  const { api, from, to, createParents, overwrite } = request;
  const source = resolve(from.path);
  const facts = await stat(source).catch((error: Error) => {
    throw localError(source, error);
  });
  if (!facts.isFile()) throw usageError(`${source} is not a file.`);
  if (facts.size > maxFileWriteBytes)
    throw new CommandError(`${source} is larger than ${maxFileWriteBytes / 1024 ** 2} MiB.`, {
      code: 'PAYLOAD_TOO_LARGE',
      exitCode: 2,
      affects: 'Nothing was copied.',
      remedy: 'Make this machine a node, then files of any size go: navisai nodes add <name>, at the hub',
    });
  const target = await placeOf(api, to);
  const path = await targetPath(request, { place: target, source });
  await callFilesystem(request, {
    action: 'write',
    path,
    node_id: target.nodeId,
    content: (await readFile(source)).toString('base64'),
    encoding: 'base64',
    mode: (facts.mode & 0o777).toString(8).padStart(3, '0'),
    expected: overwrite ? undefined : 'absent',
    create_parents: createParents || undefined,
  });
  return { from: source, to: formatLocation({ ...to, path }), bytes: facts.size, warnings: [] };
};

/** Piece by piece into a file beside the target, which is put in place as a whole. */
const download = async (request: CopyRequest): Promise<Copied> => {
  const { api, from, to, overwrite } = request;
  const source = await placeOf(api, from);
  const given = resolve(to.path);
  const isDirectory = (await stat(given).catch(() => undefined))?.isDirectory() === true;
  const target = isDirectory ? join(given, baseName(source.path) ?? basename(given)) : given;
  if (!overwrite && (await stat(target).catch(() => undefined)) !== undefined)
    throw new CommandError(`${target} exists already.`, {
      code: 'FILE_CONFLICT',
      exitCode: 6,
      affects: 'It was left as it is.',
    });
  const temporary = `${target}.${process.pid}.part`;
  try {
    const bytes = await fetchPieces(request, { source, temporary });
    await rename(temporary, target);
    return { from: formatLocation({ ...from, path: source.path }), to: target, bytes, warnings: [] };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error instanceof Error && error.name === 'Error' ? localError(target, error) : error;
  }
};

const fetchPieces = async (
  request: CopyRequest,
  { source, temporary }: { source: Place; temporary: string },
): Promise<number> => {
  await using file = await open(temporary, 'wx', 0o600);
  let version: unknown;
  let total = 0;
  for (let from: unknown = 0; typeof from === 'number';) {
    const piece = { action: 'read', path: source.path, node_id: source.nodeId, encoding: 'base64', from };
    const { output, metadata } = await callFilesystem(request, piece);
    version ??= metadata.version;
    if (metadata.version !== version)
      throw new CommandError(`${source.path} changed while it was copied.`, {
        code: 'FILE_CONFLICT',
        exitCode: 6,
        affects: 'Nothing was written here.',
        remedy: 'Copy it again when nobody writes to it.',
      });
    const bytes = Buffer.from(output, 'base64');
    await file.write(bytes);
    total += bytes.length;
    from = metadata.next_from;
  }
  return total;
};

const callFilesystem = async (request: CopyRequest, input: Record<string, unknown>): Promise<ToolResult> => {
  const result = await askFilesystem(request, input);
  if (result.success) return result;
  throw new CommandError(result.error?.message ?? 'The copy failed.', {
    code: result.error?.code ?? 'INTERNAL',
    exitCode: toolExitCode(result),
    affects: 'The target was left as it was.',
  });
};

const askFilesystem = ({ api, sessionId }: CopyRequest, input: Record<string, unknown>): Promise<ToolResult> =>
  callTool(api, {
    sessionId,
    tool: 'filesystem',
    input: Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
  });

const sizeOf = ({ metadata }: ToolResult): number | undefined => {
  for (const name of ['bytes', 'size_bytes']) {
    const value = metadata[name];
    if (typeof value === 'number') return value;
  }
  return undefined;
};

const localError = (path: string, error: Error): CommandError =>
  new CommandError(`${path}: ${error.message}`, {
    code: 'FILE_REFUSED',
    exitCode: 1,
    affects: 'Nothing was copied.',
  });
