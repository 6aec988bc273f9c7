/** Routes about conversations with agents (A3). */
import { NavisError, pageSize } from '@navisai/protocol';
import { maxAttachmentBytes } from '../agents/conversation/contents.ts';
import { exportMarkdown } from '../agents/conversation/export-markdown.ts';
import { forkSession } from '../agents/conversation/fork-session.ts';
import { showPrompt } from '../agents/conversation/show-prompt.ts';
import type { HubServices } from '../create-hub.ts';
import type { Handlers, RouteCall } from '../http/handler.types.ts';

export type ConversationHandlers = Pick<
  Handlers,
  | 'sendMessage'
  | 'stopRun'
  | 'continueRun'
  | 'forkSession'
  | 'runs'
  | 'prompt'
  | 'attach'
  | 'content'
  | 'exportSession'
  | 'search'
>;

export type ConversationHandlerParts = Pick<
  HubServices,
  'agents' | 'sessions' | 'keeper' | 'feed' | 'models' | 'profiles' | 'hub' | 'nodes'
>;

/** Of the text around what was searched for. */
const excerptRadius = 80;

export const conversationHandlers = (parts: ConversationHandlerParts): ConversationHandlers => {
  const { agents, sessions, keeper } = parts;
  const find = ({ params, device }: Pick<RouteCall<'stopRun'>, 'params' | 'device'>) =>
    sessions.visible(device, params.id);

  return {
    sendMessage: async (call) => agents.conversations.say(await find(call), call.device, call.body),
    stopRun: async (call) => ({ stopped: await agents.conversations.stop(await find(call)) }),
    continueRun: async (call) => ({ runId: await agents.conversations.goOn(await find(call)) }),
    async forkSession(call) {
      const { instanceId } = parts.hub;
      return forkSession({ ...parts, instanceId, now: Date.now }, await find(call), call.body.before);
    },
    async runs(call) {
      const { id } = await find(call);
      const limit = call.query.limit ?? pageSize.default;
      const runs = await keeper.store.read.conversations.runs({ sessionId: id, limit });
      return { runs: runs.map(({ kind: _kind, order: _order, startSeq: _startSeq, ...run }) => run) };
    },
    async prompt(call) {
      const { registry } = parts.nodes;
      return showPrompt({ ...parts, ...agents, registry }, await find(call));
    },
    async attach(call) {
      const session = await find(call);
      const { name, mediaType, data } = call.body;
      const bytes = Buffer.from(data, 'base64');
      if (bytes.length > maxAttachmentBytes)
        throw new NavisError('PAYLOAD_TOO_LARGE', 'A file that is attached has at most 5 MiB.', { field: 'data' });
      return agents.contents.keep({ sessionId: session.id, name, mediaType, bytes });
    },
    async content(call) {
      const session = await sessions.visible(call.device, call.params.id);
      const { content, bytes } = await agents.contents.read(session.id, call.params.contentId);
      call.header('content-disposition', `attachment; filename*=UTF-8''${encodeFileName(content.name)}`);
      call.header('x-content-type-options', 'nosniff');
      call.header('content-security-policy', "sandbox; default-src 'none'");
      return new Uint8Array(bytes);
    },
    async exportSession(call) {
      const session = await find(call);
      const markdown = exportMarkdown(session, await keeper.store.read.conversations.outline(session.id));
      call.header('content-disposition', `attachment; filename="conversation-${session.id}.md"`);
      return markdown;
    },
    async search({ query, device }) {
      const { text } = query;
      const limit = query.limit ?? pageSize.default;
      const hits = await keeper.store.read.conversations.search({ userId: device.userId, text, limit });
      return { hits: hits.map(({ text: found, ...hit }) => ({ ...hit, excerpt: excerptOf(found, text) })) };
    },
  };
};

/** RFC 5987. */
const encodeFileName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const excerptOf = (text: string, searched: string): string => {
  const at = Math.max(0, text.toLowerCase().indexOf(searched.toLowerCase()));
  const [from, to] = [Math.max(0, at - excerptRadius), at + searched.length + excerptRadius];
  return `${from > 0 ? '…' : ''}${text.slice(from, to).trim()}${to < text.length ? '…' : ''}`;
};
