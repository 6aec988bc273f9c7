/** The hub as an agent of the Agent Client Protocol, for an editor that starts this program (I19). */
import {
  agent,
  type AgentConnection,
  type ContentBlock,
  type LoadSessionRequest,
  type McpServer,
  methods,
  ndJsonStream,
  type NewSessionRequest,
  type PermissionOption,
  PROTOCOL_VERSION,
  RequestError,
  type RequestPermissionResponse,
  type SessionUpdate,
  type StopReason,
} from '@agentclientprotocol/sdk';
import { decideCall, type HubConnection } from '@navisai/client';
import { type ApprovalOf, NavisError } from '@navisai/protocol';
import { Readable, Writable } from 'node:stream';
import { ChatStream } from '../chat/chat-stream.ts';
import { howItEnded, type RunEnd } from '../chat/how-it-ended.ts';
import { printable, printableLines } from '../output/printable.ts';
import { AcpUpdates, textUpdate } from './acp-updates.ts';

export interface ServeAcpOptions {
  hub: HubConnection;
  profile: string | undefined;
  nodeId: string | undefined;
  version: string;
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

const pageSize = 500;
/** Of the protocol. */
const resourceNotFound = -32002;
const internalError = -32603;

/** Resolves when the editor has left. */
export const serveAcp = async (options: ServeAcpOptions): Promise<void> => {
  const sessions = new EditorSessions(options);
  const input = Readable.toWeb(options.input as Readable) as unknown as ReadableStream<Uint8Array>;
  const output = Writable.toWeb(options.output as Writable) as WritableStream<Uint8Array>;
  const connection = agent({ name: 'navis' })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentCapabilities: { loadSession: true, promptCapabilities: { embeddedContext: true } },
      agentInfo: { name: 'navis', version: options.version },
      authMethods: [],
    }))
    .onRequest(methods.agent.authenticate, () => ({}))
    .onRequest(methods.agent.session.new, ({ params }) => sessions.create(params))
    .onRequest(methods.agent.session.load, ({ params }) => sessions.load(params))
    .onRequest(methods.agent.session.prompt, ({ params }) => sessions.prompt(params.sessionId, params.prompt))
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.cancel(params.sessionId))
    .connect(ndJsonStream(output, input));
  sessions.connect(connection);
  await connection.closed;
  sessions[Symbol.dispose]();
};

class EditorSessions implements Disposable {
  readonly #options: ServeAcpOptions;
  readonly #streams = new Map<string, ChatStream>();
  /** By session: what is told with its next prompt, when the editor knows the session. */
  readonly #untold = new Map<string, string>();
  /** Whose prompt is not answered yet: the answer tells how the run failed. */
  readonly #prompted = new Set<string>();
  #connection: AgentConnection | undefined;

  constructor(options: ServeAcpOptions) {
    this.#options = options;
  }

  connect(connection: AgentConnection): void {
    this.#connection = connection;
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams.values()) stream[Symbol.dispose]();
  }

  async create({ cwd, mcpServers }: NewSessionRequest): Promise<{ sessionId: string }> {
    const { hub, profile, nodeId } = this.#options;
    const agentSettings = {
      directory: cwd,
      ...(profile === undefined ? {} : { profile }),
      ...(nodeId === undefined ? {} : { nodeId }),
    };
    const { id } = await told(hub.api.createSession({ body: { kind: 'agent', agent: agentSettings } }));
    this.#noteServers(id, mcpServers);
    await this.#follow(id);
    return { sessionId: id };
  }

  async load({ sessionId, mcpServers }: LoadSessionRequest): Promise<Record<string, never>> {
    const { api } = this.#options.hub;
    this.#noteServers(sessionId, mcpServers);
    await told(api.session({ params: { id: sessionId } }));
    const updates = new AcpUpdates();
    for (let after = 0; ;) {
      const page = await told(api.sessionEvents({ params: { id: sessionId }, query: { after, limit: pageSize } }));
      const { parseHubEvent } = await import('@navisai/protocol');
      for (const raw of page.events) {
        const event = parseHubEvent(raw);
        if (event === undefined) continue;
        const told = event.type === 'message' ? [updates.said(event.data)] : updates.take(event);
        for (const update of told) await this.#tell(sessionId, update);
        after = 'seq' in event.data && typeof event.data.seq === 'number' ? event.data.seq : after;
      }
      if (page.events.length < pageSize) break;
    }
    await this.#follow(sessionId);
    return {};
  }

  async prompt(sessionId: string, blocks: readonly ContentBlock[]): Promise<{ stopReason: StopReason }> {
    const stream = this.#streams.get(sessionId);
    if (stream === undefined) throw RequestError.resourceNotFound(sessionId);
    const untold = this.#untold.get(sessionId);
    this.#untold.delete(sessionId);
    if (untold !== undefined) await this.#tell(sessionId, textUpdate('agent_message_chunk', `${untold}\n\n`));
    this.#prompted.add(sessionId);
    try {
      return { stopReason: stopReasonOf(await told(stream.say(blocks.map(inWords).join('\n\n')))) };
    } finally {
      this.#prompted.delete(sessionId);
    }
  }

  async cancel(sessionId: string): Promise<void> {
    await this.#options.hub.api.stopRun({ params: { id: sessionId } }).catch(() => undefined);
  }

  /** Only their names: their settings may hold secrets, and stay in the editor. */
  #noteServers(sessionId: string, servers: readonly McpServer[]): void {
    if (servers.length === 0) return;
    const names = servers.map(({ name }) => printable(name)).join(', ');
    this.#untold.set(
      sessionId,
      `The MCP servers of this editor are not used here: ${names}. Those of the hub are, from "mcpServers" of its config.json.`,
    );
  }

  async #follow(sessionId: string): Promise<void> {
    const updates = new AcpUpdates();
    const stream = new ChatStream({
      hub: this.#options.hub,
      sessionId,
      onEvent: (event) => {
        const fresh = updates.take(event);
        if (event.type === 'stream_end' && isFailure(event.data) && this.#prompted.has(sessionId)) return;
        for (const update of fresh) void this.#tell(sessionId, update);
      },
      onApproval: (approval) => void this.#ask(sessionId, approval),
      onDecided: () => undefined,
      onEnd: () => this.#streams.delete(sessionId),
    });
    this.#streams.get(sessionId)?.[Symbol.dispose]();
    this.#streams.set(sessionId, stream);
    await stream.start();
  }

  async #tell(sessionId: string, update: SessionUpdate): Promise<void> {
    await this.#connection?.client.notify(methods.client.session.update, { sessionId, update }).catch(() => undefined);
  }

  /** The editor is one more place to answer at; whoever is first wins. */
  async #ask(sessionId: string, approval: ApprovalOf<'call'>): Promise<void> {
    const { hub } = this.#options;
    const { call, summary, text, proposed } = approval.detail;
    const always: PermissionOption[] =
      proposed === null ? [] : [{ optionId: 'session', kind: 'allow_always', name: 'Allow for this session' }];
    const request = {
      sessionId,
      toolCall: {
        toolCallId: call.callId,
        title: printable(summary),
        status: 'pending' as const,
        rawInput: { text },
        // A title may be cut: this is all of it, with where it runs.
        content: [{ type: 'content' as const, content: { type: 'text' as const, text: wholeText(approval) } }],
      },
      options: [
        { optionId: 'once', kind: 'allow_once' as const, name: 'Allow' },
        ...always,
        { optionId: 'reject', kind: 'reject_once' as const, name: 'Reject' },
      ],
    };
    try {
      const answer = await this.#connection?.client.request<RequestPermissionResponse>(
        methods.client.session.requestPermission,
        request,
      );
      const chosen = answer?.outcome.outcome === 'selected' ? answer.outcome.optionId : undefined;
      if (chosen === 'once' || chosen === 'session') await decideCall(hub, { approval, grant: chosen });
      else if (chosen === 'reject') await hub.api.reject({ params: { id: approval.id } });
    } catch {
      // Decided elsewhere meanwhile, or this editor cannot ask: it waits in the inbox.
    }
  }
}

const wholeText = ({ detail }: ApprovalOf<'call'>): string => {
  const { text, nodeName, workingDirectory, risk } = detail;
  const place = workingDirectory === null ? '' : `, in ${printable(workingDirectory)}`;
  return `${printableLines(text)}\n\nOn ${printable(nodeName)}${place}. Risk: ${risk}.`;
};

/** A refusal of the hub in the words of the protocol. */
const told = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NavisError)) throw error;
    if (error.code === 'NOT_FOUND') throw new RequestError(resourceNotFound, error.message);
    if (error.code === 'INVALID_ARGUMENT') throw RequestError.invalidParams(undefined, error.message);
    throw RequestError.internalError(undefined, error.message);
  }
};

const inWords = (block: ContentBlock): string => {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'resource_link':
      return `${block.name}: ${block.uri}`;
    case 'resource':
      return 'text' in block.resource ? `${block.resource.uri}:\n${block.resource.text}` : block.resource.uri;
    default:
      return `[${block.type}]`;
  }
};

/** Throws for what has no reason in the protocol: `refusal` would take the prompt out of the conversation. */
const stopReasonOf = (end: RunEnd | null): StopReason => {
  if (end === null) return 'end_turn';
  if (isFailure(end)) throw new RequestError(internalError, printableLines(howItEnded(end)));
  if (end.reason === 'stopped') return 'cancelled';
  return end.reason === 'budget' ? 'max_turn_requests' : 'end_turn';
};

const isFailure = ({ reason }: RunEnd): boolean => reason === 'failed' || reason === 'interrupted';
