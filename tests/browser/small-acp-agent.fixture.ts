/** A program that speaks ACP as agents of others do: it thinks, plans, reads, asks before it edits, and answers (I19). */
import { Readable, Writable } from 'node:stream';
import { agent, type AgentConnection, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import type { RequestPermissionResponse, SessionUpdate } from '@agentclientprotocol/sdk';

const connection: AgentConnection = agent({ name: 'small' })
  .onRequest(methods.agent.initialize, () => ({ protocolVersion: PROTOCOL_VERSION, agentCapabilities: {} }))
  .onRequest(methods.agent.session.new, () => ({ sessionId: 'one' }))
  .onRequest(methods.agent.session.prompt, async ({ params }) => {
    await work(params.sessionId);
    return { stopReason: 'end_turn' as const };
  })
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
    ),
  );

const tell = async (sessionId: string, update: SessionUpdate): Promise<void> =>
  connection.client.notify(methods.client.session.update, { sessionId, update });
const say = (sessionId: string, text: string): Promise<void> =>
  tell(sessionId, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

const options = [
  { optionId: 'yes', name: 'Allow', kind: 'allow_once' as const },
  { optionId: 'no', name: 'Reject', kind: 'reject_once' as const },
];
const diff = {
  type: 'diff' as const,
  path: '/srv/site/config.ts',
  oldText: 'export const port = 80;\nexport const host = "::";\n',
  newText: 'export const port = 8080;\nexport const host = "::";\n',
};

const work = async (sessionId: string): Promise<void> => {
  const entries = [
    { content: 'Read the configuration', priority: 'high' as const, status: 'completed' as const },
    { content: 'Change the port', priority: 'high' as const, status: 'in_progress' as const },
  ];
  await tell(sessionId, { sessionUpdate: 'plan', entries });
  await tell(sessionId, {
    sessionUpdate: 'agent_thought_chunk',
    content: { type: 'text', text: 'The port is fixed.' },
  });
  await say(sessionId, 'I will change **the port**.');
  const read = { toolCallId: 'read', title: 'Read config.ts', kind: 'read' as const };
  await tell(sessionId, { sessionUpdate: 'tool_call', ...read, status: 'in_progress', rawInput: { path: diff.path } });
  await tell(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: 'read', status: 'completed' });
  const edit = { toolCallId: 'edit', title: 'Edit config.ts', kind: 'edit' as const, rawInput: { path: diff.path } };
  await tell(sessionId, { sessionUpdate: 'tool_call', ...edit, status: 'pending' });
  const answer = await connection.client.request<RequestPermissionResponse>(methods.client.session.requestPermission, {
    sessionId,
    toolCall: { ...edit, content: [diff] },
    options,
  });
  const isAllowed = answer.outcome.outcome === 'selected' && answer.outcome.optionId === 'yes';
  const status = isAllowed ? ('completed' as const) : ('failed' as const);
  await tell(sessionId, { sessionUpdate: 'tool_call_update', toolCallId: 'edit', status, content: [diff] });
  await say(sessionId, isAllowed ? 'The port is 8080 now.' : 'Then it stays.');
};

await connection.closed;
