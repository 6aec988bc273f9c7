/** What the hub offers over MCP: `terminal`, `filesystem` and the nodes, each call on the path of every agent's (I20). */
import {
  type ProgressToken,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { newId, type NodeInfo, toErrorBody, toolDefinitions, type ToolResult } from '@navisai/protocol';
import { z } from 'zod';
import type { ActorCalls } from '../agents.types.ts';
import type { CallsUnderWay } from './calls-under-way.ts';
import type { McpCaller } from './mcp-caller.ts';

export interface McpServerParts {
  calls: ActorCalls;
  underWay: CallsUnderWay;
  nodes(): NodeInfo[];
  version: string;
  progressEveryMs?: number | undefined;
}

interface OfferedTool {
  name: string;
  description: string;
  inputSchema: { type: 'object'; [keyword: string]: unknown };
  outputSchema?: { type: 'object'; [keyword: string]: unknown };
}

const instructions = `Runs work on the person's machines through Navis. Terminals live on when this connection ends. Calls that change something may wait until the person has approved them on one of their devices; a refusal says why. Every tool takes node_id: where it runs; the tool nodes lists the machines.`;

export interface McpClient {
  caller: McpCaller;
  /** Of all requests of one client; undefined: it names none. */
  session: string | undefined;
}

/** Clients that wait no longer than a minute wait longer while they hear of their call. */
const defaultProgressMs = 10_000;

/** A fresh server for one request or connection: nothing is kept between them. */
export const createMcpServer = (parts: McpServerParts, { caller, session }: McpClient): Server => {
  const server = new Server({ name: 'navis', version: parts.version }, { capabilities: { tools: {} }, instructions });
  const offered = offeredTools.filter(({ name }) => caller.tools.includes(name));
  const callOf = (requestId: string | number) => ({ callerId: caller.id, clientSession: session, requestId });
  server.setRequestHandler('tools/list', () => ({ tools: offered }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const { name, arguments: given = {} } = params;
    if (!offered.some((tool) => tool.name === name))
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${name} for this client.`);
    if (name === 'nodes') return { content: [{ type: 'text', text: nodesInWords(parts.nodes()) }] };
    using underWay = parts.underWay.begin(callOf(context.mcpReq.id));
    using _progress = tellProgress(context, parts.progressEveryMs ?? defaultProgressMs);
    const signal = AbortSignal.any([context.mcpReq.signal, underWay.signal]);
    const call = { callId: newId('call'), tool: name, arguments: given, signal };
    try {
      return answerOf(await parts.calls.execute(await caller.actor(), call));
    } catch (error) {
      return refusal(toErrorBody(error).message);
    }
  });
  server.setNotificationHandler('notifications/cancelled', ({ params }) => {
    if (params.requestId !== undefined) parts.underWay.cancel(callOf(params.requestId));
  });
  return server;
};

/** To clients that ask for it. */
const tellProgress = ({ mcpReq }: ServerContext, everyMs: number): Disposable => {
  const progressToken: ProgressToken | undefined = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { [Symbol.dispose]: () => undefined };
  let progress = 0;
  const timer = setInterval(() => {
    progress += everyMs / 1000;
    const params = {
      progressToken,
      progress,
      message: `Under way for ${progress} seconds, or waiting for an approval.`,
    };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

const refusal = (text: string) => ({ content: [{ type: 'text' as const, text }], isError: true });

const answerOf = ({ success, output, error, metadata }: ToolResult) => ({
  content: [{ type: 'text' as const, text: error === undefined ? output : `${error.message}\n${output}`.trimEnd() }],
  isError: !success,
  // Whole: clients show a model this or the text.
  structuredContent: { success, output, ...(error === undefined ? {} : { error }), metadata },
});

const nodesInWords = (nodes: readonly NodeInfo[]): string =>
  nodes
    .map(({ id, name, state, labels, platform }) => {
      const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const system = platform === null ? '' : `, ${platform.os} ${platform.arch}`;
      return `${name} (node_id ${id}): ${state}${system}${words.length === 0 ? '' : `, ${words.join(' ')}`}`;
    })
    .join('\n');

const nodeArgument = {
  type: 'string',
  description: "Id or name of the node that it runs on; default: the hub's own machine, or the node of the terminal.",
};

/** What `structuredContent` holds. */
const toolOutput = {
  type: 'object',
  properties: {
    success: { type: 'boolean' },
    output: { type: 'string' },
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' }, field: { type: 'string' } },
      required: ['code', 'message'],
    },
    metadata: { type: 'object', description: 'exit_code, signal, call_id, node_id, truncated, warnings.' },
  },
  required: ['success', 'output', 'metadata'],
} as const;

const offer = (name: string): OfferedTool[] =>
  toolDefinitions
    .filter((tool) => tool.name === name)
    .map(({ description, schema }) => {
      const { properties, ...rest } = z.toJSONSchema(schema) as { properties?: object };
      return {
        name,
        description,
        inputSchema: { ...rest, type: 'object', properties: { ...properties, node_id: nodeArgument } },
        outputSchema: toolOutput,
      };
    });

const offeredTools: readonly OfferedTool[] = [
  ...offer('terminal'),
  ...offer('filesystem'),
  {
    name: 'nodes',
    description: "Lists the person's machines: id, name, whether connected, platform, labels.",
    inputSchema: { type: 'object', properties: {} },
  },
];
