/** One connection to an MCP server of the configuration, and its tools as the hub offers them to agents. */
import { createHash } from 'node:crypto';
import type { CallToolResult, Client, Tool, Transport } from '@modelcontextprotocol/client';
import type { Program } from '@navisai/machine';
import { maxInlineOutputBytes, type Risk, type ToolResult } from '@navisai/protocol';
import type { HubTool } from '../agents.types.ts';

interface StdioConfig {
  command: string;
  args?: string[] | undefined;
  env?: Record<string, string> | undefined;
  cwd?: string | undefined;
}
interface HttpConfig {
  url: string;
  headers?: Record<string, string> | undefined;
}
export type McpServerConfig = (StdioConfig | HttpConfig) & {
  /** Tools of which the person says that they change nothing; what a server says of itself does not count. */
  readOnlyTools?: string[] | undefined;
};

export type MaskProgram = (program: Program) => Promise<Program>;

export interface ConnectedServer extends AsyncDisposable {
  tools: HubTool[];
  /** Resolves when the connection is gone, with what a program said last. */
  closed: Promise<string>;
}

export interface ConnectRequest {
  name: string;
  /** Hides Navis's own state from a server that is started here (A7). */
  mask: MaskProgram;
  config: McpServerConfig;
  version: string;
  signal: AbortSignal;
  /** The server offers others than before. */
  onTools(tools: HubTool[]): void;
}

const connectDeadlineMs = 20_000;
/** Progress keeps a call alive, up to the second. */
const callDeadlineMs = { silent: 120_000, whole: 3_600_000 } as const;
const maxTools = 200;
const maxDescriptionLength = 4_000;
const maxToolNameLength = 64;
/** Of what a program says on its standard error. */
const maxSaidLength = 2_000;

/** Rejects when the server cannot be reached or answers nonsense: ServerProblem when it said something about it. */
export const connectMcpServer = async (request: ConnectRequest): Promise<ConnectedServer> => {
  const { config, signal } = request;
  const client = await createClient(request);
  const closed = Promise.withResolvers<string>();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(connectDeadlineMs)]);
  const { transport, said } = await openTransport(config, request.mask);
  client.onclose = () => closed.resolve(said());
  try {
    await client.connect(transport, { signal: deadline, timeout: connectDeadlineMs });
    const { tools } = await client.listTools(undefined, { signal: deadline, timeout: connectDeadlineMs });
    return {
      tools: toHubTools(client, tools, request),
      closed: closed.promise,
      [Symbol.asyncDispose]: () => client.close(),
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw said() === '' ? error : new ServerProblem(error, said());
  }
};

export class ServerProblem extends Error {
  /** On its standard error, at last. */
  readonly said: string;

  constructor(cause: unknown, said: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.said = said;
  }
}

const createClient = async (request: ConnectRequest): Promise<Client> => {
  const { Client } = await import('@modelcontextprotocol/client');
  const onChanged = (error: Error | null, tools: Tool[] | null): void => {
    if (error === null && tools !== null) request.onTools(toHubTools(client, tools, request));
  };
  const client = new Client({ name: 'navis', version: request.version }, { listChanged: { tools: { onChanged } } });
  return client;
};

const toHubTools = (client: Client, tools: readonly Tool[], request: ConnectRequest): HubTool[] =>
  tools.slice(0, maxTools).map((tool) => toHubTool(client, tool, request));

interface OpenTransport {
  transport: Transport;
  /** What a program said last on its standard error. */
  said(): string;
}

const openTransport = async (config: McpServerConfig, mask: MaskProgram): Promise<OpenTransport> => {
  if ('url' in config) {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    const requestInit = { headers: config.headers ?? {} };
    return { transport: new StreamableHTTPClientTransport(new URL(config.url), { requestInit }), said: () => '' };
  }
  const { StdioClientTransport, getDefaultEnvironment } = await import('@modelcontextprotocol/client/stdio');
  const { command, args = [], env = {}, cwd = process.cwd() } = config;
  // Only what every program needs: the hub's own variables stay here (T29).
  const environment = { ...getDefaultEnvironment(), ...env };
  const program = await mask({ file: command, args: [...args], workingDirectory: cwd, environment });
  const transport = new StdioClientTransport({
    command: program.file,
    args: program.args,
    env: program.environment,
    stderr: 'pipe',
    cwd,
  });
  let tail = '';
  transport.stderr?.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-maxSaidLength)));
  return { transport, said: () => tail.trim() };
};

const toHubTool = (client: Client, tool: Tool, { name: server, config }: ConnectRequest): HubTool => {
  const isReading = config.readOnlyTools?.includes(tool.name) === true;
  return {
    name: toolName(server, tool.name),
    description: (tool.description ?? tool.title ?? tool.name).slice(0, maxDescriptionLength),
    schema: { json: tool.inputSchema as Record<string, unknown> },
    risk: (): Risk => (isReading ? 'reading' : 'unknown'),
    async execute(_actor, { arguments: given, signal }) {
      try {
        const call = { name: tool.name, arguments: given as Record<string, unknown> };
        const options = {
          signal,
          timeout: callDeadlineMs.silent,
          resetTimeoutOnProgress: true,
          maxTotalTimeout: callDeadlineMs.whole,
        };
        return toResult(await client.callTool(call, options));
      } catch (error) {
        if (signal.aborted) return failure('CANCELLED', 'The call was cancelled.');
        const problem = `The MCP server ${server} failed: ${error instanceof Error ? error.message : String(error)}`;
        if (!isGone(error)) return failure('INTERNAL', problem);
        // It is connected to anew.
        await client.close().catch(() => undefined);
        return failure('INTERNAL', `${problem}\nThe connection to it is made anew: try again in a moment.`);
      }
    },
  };
};

/** Over HTTP nothing else tells: it cannot be reached (a TypeError of `fetch`), or has forgotten this session (404). */
const isGone = (error: unknown): boolean =>
  error instanceof TypeError || (error as { status?: unknown } | null)?.status === 404;

/** `mcp_server_tool`, as models may call it. */
export const toolName = (server: string, tool: string): string => {
  const name = `mcp_${server}_${tool}`.replace(/[^A-Za-z0-9_-]/g, '_');
  if (name.length <= maxToolNameLength) return name;
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maxToolNameLength - mark.length - 1)}_${mark}`;
};

const failure = (code: string, message: string): ToolResult => ({
  success: false,
  output: '',
  error: { code, message },
  metadata: {},
});

const toResult = ({ content, structuredContent, isError }: CallToolResult): ToolResult => {
  const parts = content.map((block) => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'resource':
        return 'text' in block.resource ? block.resource.text : `[${block.resource.uri}]`;
      case 'resource_link':
        return `[${block.name}: ${block.uri}]`;
      default:
        return `[${block.type}, ${block.mimeType}]`;
    }
  });
  const text =
    parts.length === 0 && structuredContent !== undefined ? JSON.stringify(structuredContent) : parts.join('\n');
  const isCut = text.length > maxInlineOutputBytes;
  const output = isCut
    ? `${text.slice(0, maxInlineOutputBytes)}\n[… ${text.length - maxInlineOutputBytes} characters left out]`
    : text;
  const metadata = { truncated: isCut };
  if (isError !== true) return { success: true, output, metadata };
  return {
    success: false,
    output,
    error: { code: 'NON_ZERO_EXIT', message: 'The tool of the MCP server failed.' },
    metadata,
  };
};
