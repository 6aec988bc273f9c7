/** An ACP agent of a few lines, for what real ones do rarely: `node acp-odd-agent.fixture.ts <how>`. */
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import {
  agent,
  type AgentCapabilities,
  type CreateTerminalResponse,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
} from '@agentclientprotocol/sdk';

const how = process.argv[2] ?? '';
const longLine = 20 * 1024 * 1024;
/** How agents say that they take up a conversation of before. */
const capabilities: Readonly<Record<string, AgentCapabilities>> = {
  loads: { loadSession: true },
  resumes: { loadSession: true, sessionCapabilities: { resume: {} } },
  lost: { loadSession: true },
};

if (how === 'mute') setInterval(() => undefined, 60_000);
else speak();

function speak(): void {
  const output = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;
  const input = Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>;
  let taken = '';
  const tellIn = (sessionId: string, text: string) =>
    connection.client.notify(methods.client.session.update, {
      sessionId,
      update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
    });
  const connection = agent({ name: 'odd' })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentCapabilities: capabilities[how] ?? {},
    }))
    .onRequest(methods.agent.session.new, () => ({ sessionId: `of ${randomUUID()}` }))
    .onRequest(methods.agent.session.load, async ({ params }) => {
      if (how === 'lost') throw RequestError.resourceNotFound(params.sessionId);
      await tellIn(params.sessionId, 'what was said before');
      taken = `loaded ${params.sessionId} `;
      return {};
    })
    .onRequest(methods.agent.session.resume, ({ params }) => {
      taken = `resumed ${params.sessionId} `;
      return {};
    })
    .onNotification(methods.agent.session.cancel, () => undefined)
    .onRequest(methods.agent.session.prompt, async ({ params }) => {
      const { client } = connection;
      const tell = (text: string) => tellIn(params.sessionId, text);
      if (how in capabilities || how === 'forgets') await tell(taken === '' ? `new ${params.sessionId} ` : taken);
      if (how === 'crash') process.exit(3);
      if (how === 'refuse') throw new RequestError(-32000, 'no more credit');
      if (how === 'garbage') {
        const nonsense = 'no JSON\n{"half": \n[1,2]\n{"jsonrpc":"2.0","method":"nobody/knows","params":1}\n';
        const whole = `${nonsense}{"x":"${'y'.repeat(longLine)}"}\n\u0000\u001b[31m{}\n`;
        await new Promise<void>((resolve) => void process.stdout.write(whole, () => resolve()));
      }
      if (how === 'terminals') {
        const { sessionId } = params;
        const made = await client.request<CreateTerminalResponse>(methods.client.terminal.create, {
          sessionId,
          command: 'echo',
          args: ['it is', "here'"],
        });
        const terminal = { sessionId, terminalId: made.terminalId };
        const exit = await client.request<{ exitCode: number }>(methods.client.terminal.waitForExit, terminal);
        const said = await client.request<{ output: string }>(methods.client.terminal.output, terminal);
        await client.request(methods.client.terminal.release, terminal);
        await tell(`${said.output.trim()} ${exit.exitCode} `);
      }
      if (how === 'many') for (let number = 0; number < 20_000; number += 1) await tell(`${number % 10}`);
      await tell('done');
      return { stopReason: 'end_turn' as const };
    })
    .connect(ndJsonStream(output, input));
}
