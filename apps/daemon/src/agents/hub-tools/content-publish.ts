/** The tool `content_publish`: a file of a machine that the person can open or download from the conversation (P5). */
import { createHash } from 'node:crypto';
import { basename, isAbsolute, posix } from 'node:path';
import {
  type Content,
  mainNodeId,
  maxFilePieceBytes,
  maxPathLength,
  NavisError,
  nodeIdSchema,
  type ToolResult,
} from '@navisai/protocol';
import type { StoreFeed } from '@navisai/store';
import { z } from 'zod';
import type { Fleet } from '../../nodes/fleet.ts';
import type { NodeRegistry } from '../../nodes/registry.ts';
import { failure } from '../../services/tool-path.ts';
import type { Actor, ActorCall, HubTool } from '../agents.types.ts';
import type { Contents } from '../conversation/contents.ts';
import { mediaTypeOf } from './media-type.ts';

export interface ContentPublishParts {
  fleet: Fleet;
  registry: NodeRegistry;
  contents: Contents;
  feed: StoreFeed;
}

export const maxPublishedBytes = 50 * 1024 * 1024;

const publishArguments = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(maxPathLength)
    .describe("The file: absolute, from '~', or relative to the working directory of this conversation."),
  name: z.string().trim().min(1).max(255).optional().describe('How it is shown; default: the name of the file.'),
  node_id: nodeIdSchema.optional().describe('Node that has the file; default: the node of the session.'),
});
type PublishArguments = z.infer<typeof publishArguments>;

export const createContentPublishTool = (parts: ContentPublishParts): HubTool => ({
  name: 'content_publish',
  description: `Publishes a file, at most ${maxPublishedBytes / 1024 / 1024} MiB, so that the person can open or download it from this conversation.`,
  schema: publishArguments,
  risk: () => 'reading',
  /** Well-known secret files are asked for as in every reading (A8). */
  decidedAs(actor, given) {
    const { nodeId, path } = placeOf(parts, actor, given as PublishArguments);
    return { tool: 'filesystem', arguments: { action: 'read', path }, nodeId };
  },
  execute: (actor, call) => publish(parts, actor, call).catch(failure),
});

const publish = async (parts: ContentPublishParts, actor: Actor, call: ActorCall): Promise<ToolResult> => {
  const given = call.arguments as PublishArguments;
  const { nodeId, path } = placeOf(parts, actor, given);
  const sessionId = actor.session.id;
  const bytes = await readWhole(parts.fleet, { nodeId, path, actor, signal: call.signal });
  const shown = given.name ?? basename(path);
  const id = contentIdOf(sessionId, call.callId);
  const content = await parts.contents.write({ id, sessionId, name: shown, mediaType: mediaTypeOf(shown), bytes });
  await tell(parts, actor, content);
  return {
    success: true,
    output: `${shown} (${bytes.length} bytes) is published: the person can open it from the conversation.`,
    metadata: { node_id: nodeId, content_id: id },
  };
};

/** Throws NavisError NODE_UNKNOWN. */
const placeOf = ({ registry }: ContentPublishParts, actor: Actor, given: PublishArguments) => {
  const isWhole = isAbsolute(given.path) || given.path.startsWith('~') || actor.directory === null;
  return {
    nodeId: nodeOf(registry, given.node_id ?? actor.nodeId ?? mainNodeId),
    path: isWhole ? given.path : posix.join(actor.directory ?? '', given.path),
  };
};

const nodeOf = (registry: NodeRegistry, node: string): string => {
  const found = registry.find(node);
  if (found === undefined) throw new NavisError('NODE_UNKNOWN', `There is no node ${node}.`, { field: 'node_id' });
  return found.id;
};

/** The same call publishes the same file once, also when it is made again after a crash. */
const contentIdOf = (sessionId: string, callId: string): string =>
  `f_${createHash('sha256').update(`${sessionId} ${callId}`).digest('hex').slice(0, 32)}`;

const tell = async ({ contents, feed }: ContentPublishParts, actor: Actor, content: Content): Promise<void> => {
  const [stream, sessionId] = [content.sessionId, content.sessionId];
  await feed.transaction(async (writer) => {
    if (!(await contents.note(writer, content)) || actor.runId === null) return;
    const data = { streamId: actor.runId, kind: 'content' as const, text: content.name, content };
    await writer.appendEvents([{ stream, sessionId, type: 'stream_notice', data }]);
  });
};

interface ReadOrder {
  nodeId: string;
  path: string;
  actor: Actor;
  signal: AbortSignal;
}

/** Under the policy of the machine, like reading with the tool `filesystem`. */
const readWhole = async (fleet: Fleet, { nodeId, path, actor, signal }: ReadOrder): Promise<Uint8Array> => {
  const sessionId = actor.session.id;
  await fleet.giveWork(sessionId, nodeId);
  const machine = fleet.connected(nodeId);
  const caller = { sessionId, userId: actor.userId, origin: 'agent' as const };
  const pieces: Uint8Array[] = [];
  let version: string | undefined;
  for (let from = 0; ;) {
    if (signal.aborted) throw new NavisError('CANCELLED');
    const piece = await machine.readFile({ ...caller, path, from, maxBytes: maxFilePieceBytes });
    if (piece.sizeBytes > maxPublishedBytes)
      throw new NavisError(
        'PAYLOAD_TOO_LARGE',
        `${path} has ${piece.sizeBytes} bytes; ${maxPublishedBytes} can be published.`,
      );
    version ??= piece.version;
    if (piece.version !== version)
      throw new NavisError('FILE_CONFLICT', `${path} changed while it was read. Publish it again when it is finished.`);
    pieces.push(Uint8Array.from(piece.bytes));
    from += piece.bytes.length;
    if (from >= piece.sizeBytes || piece.bytes.length === 0) return Buffer.concat(pieces);
  }
};
