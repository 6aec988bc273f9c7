/** An ACP agent that tells a socket what it does, as long as it lives: `node acp-strict-agent.fixture.ts <how> <socket>`. */
import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  agent,
  type AgentConnection,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';

const [, , how = '', socket = ''] = process.argv;
const slowMs = 3000;
/** Its model still writes the arguments when it tells of the call. */
const lateCall: SessionUpdate[] = [
  { sessionUpdate: 'tool_call', toolCallId: 'one', title: 'bash', kind: 'execute', status: 'pending', rawInput: {} },
  {
    sessionUpdate: 'tool_call_update',
    toolCallId: 'one',
    title: '`touch it`',
    status: 'in_progress',
    rawInput: { command: 'touch it' },
  },
  { sessionUpdate: 'tool_call_update', toolCallId: 'one', status: 'completed' },
];

const witness = createConnection(socket);
const note = (what: string): void => void witness.write(`${what}\n`);
let place = '';
let known = '';

const connection: AgentConnection = agent({ name: 'strict' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: how === 'future' ? 99 : PROTOCOL_VERSION,
    agentCapabilities: { sessionCapabilities: { resume: {} } },
  }))
  .onRequest(methods.agent.session.new, async ({ params }) => {
    note('asked for a session');
    if (how === 'login') throw RequestError.authRequired(undefined, 'run login first');
    if (how === 'slow') await sleep(slowMs);
    place = params.cwd;
    return { sessionId: `of ${randomUUID()}` };
  })
  .onRequest(methods.agent.session.resume, ({ params }) => {
    known = params.sessionId;
    return {};
  })
  .onNotification(methods.agent.session.cancel, () => note('told to stop'))
  .onRequest(methods.agent.session.prompt, async ({ params: { sessionId } }) => {
    note('prompted');
    const tell = (update: SessionUpdate) =>
      connection.client.notify(methods.client.session.update, { sessionId, update });
    const say = (text: string) =>
      tell({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `${text} ` } });
    if (how === 'deaf') await say(known === '' ? `new ${sessionId}` : `resumed ${known}`);
    if (how === 'deaf' && known === '') await new Promise(() => undefined);
    if (how === 'where') await say(place);
    if (how === 'late') for (const update of lateCall) await tell(update);
    return { stopReason: 'end_turn' as const };
  })
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
    ),
  );

await connection.closed;
witness.end();
