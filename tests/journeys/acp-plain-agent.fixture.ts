/** An ACP agent of plain lines, so small that many fit beside each other: `node acp-plain-agent.fixture.ts <how>`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

interface Message {
  id?: number;
  method?: string;
  params?: { prompt?: { text?: string }[] };
  result?: { outcome: { outcome: string; optionId?: string } };
}

const how = process.argv[2] ?? '';
const permissionId = 900;
let endPrompt = (): void => undefined;

const send = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (told: object): void => send({ method: 'session/update', params: { sessionId: 'one', update: told } });
const tell = (text: string): void => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

const askPermission = (): void =>
  send({
    id: permissionId,
    method: 'session/request_permission',
    params: {
      sessionId: 'one',
      toolCall: { toolCallId: 'it', title: 'Remove it', kind: 'delete', rawInput: { command: 'rm -rf it' } },
      options: [
        { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
        { optionId: 'no', name: 'No', kind: 'reject_once' },
      ],
    },
  });

/** More than a plan may hold, once there is the file that the prompt names. */
const plan = async (file: string): Promise<void> => {
  tell('begun ');
  while (!existsSync(file)) await sleep(50);
  const entry = { content: '\u{1f600}'.repeat(2500), priority: 'high', status: 'pending' };
  update({ sessionUpdate: 'plan', entries: Array.from({ length: 150 }, () => entry) });
};

const prompted = async (id: number, text: string): Promise<void> => {
  endPrompt = () => {
    tell('done');
    send({ id, result: { stopReason: 'end_turn' } });
  };
  if (how === 'hangs') return tell('begun ');
  if (how === 'asks') return askPermission();
  if (how === 'plans') await plan(text);
  // Its own words would be kept where they must not be.
  if (how === 'secret')
    tell(
      `${createHash('sha256')
        .update(process.env['ODD_KEY'] ?? '')
        .digest('hex')} `,
    );
  if (how === 'talks' || how === 'dies') {
    // It holds what the agent says its last words to.
    if (how === 'talks') spawn('sleep', ['100'], { stdio: ['ignore', 'ignore', 'inherit'], detached: true }).unref();
    const words = `${'long before\n'.repeat(1000)}there is no credit for ${process.env['ODD_KEY'] ?? ''}\n`;
    process.stderr.write(words, () => process.exit(3));
    return;
  }
  endPrompt();
};

if (how === 'fails') {
  process.stderr.write('FATAL: there is no configuration');
  process.exit(2);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id = 0, method, params, result } = JSON.parse(line) as Message;
  if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') send({ id, result: { sessionId: 'one' } });
  else if (method === 'session/prompt') void prompted(id, params?.prompt?.at(-1)?.text ?? '');
  else if (id === permissionId && result !== undefined) {
    tell(`${result.outcome.optionId ?? result.outcome.outcome} `);
    endPrompt();
  }
}
