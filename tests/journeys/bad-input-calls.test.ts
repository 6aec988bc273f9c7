/** Every field of every action of the tool, and every message of a socket, with everything that is wrong: named, nothing started (T2, T4-T12, I9). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  clientMessageSchema,
  newId,
  terminalActionFields,
  terminalActions,
  terminalToolSchema,
  toolManualSchema,
} from '@navisai/protocol';
import { createSession, findMarked, openTerminal, startHub, type TestHub, until } from '@navisai/testkit';
import type { z } from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostileTexts, type JsonObject, leakPattern, names, wrongObjects } from './hostile.fixture.ts';
import { openSocket, openWire, type WireAnswer, type WireRequest } from './wire.fixture.ts';

let hub: TestHub;
let sessionId = '';
let send: (request: WireRequest) => Promise<WireAnswer>;
beforeAll(async () => {
  hub = await startHub();
  sessionId = await createSession(hub.host.api);
  send = await openWire(hub);
});
afterAll(() => hub[Symbol.asyncDispose]());

const call = (body: unknown, tool = 'terminal'): Promise<WireAnswer> =>
  send({ method: 'POST', path: `/sessions/${sessionId}/tools/${tool}`, body });

interface Failure {
  success: boolean;
  error: { code: string; message: string; field?: string };
}

/** What the schema judges answers 200 with the field; nothing inside is told. */
const expectFailure = ({ status, text, json }: WireAnswer, about: string): Failure['error'] => {
  expect({ about, status, text: text.slice(0, 300) }).toMatchObject({ status: 200 });
  const { success, error } = json as unknown as Failure;
  expect({ about, success }).toEqual({ about, success: false });
  expect(error.message.length).toBeLessThan(1000);
  expect(text).not.toMatch(leakPattern);
  return error;
};

/** The hub refuses at the headers already: a client that is still writing may see its socket close before the answer. */
const sendLarge = async (body: Uint8Array): Promise<WireAnswer> => {
  const request = { method: 'POST', path: `/sessions/${sessionId}/tools/terminal`, body };
  return until('the refusal is read', () => send(request).catch(() => undefined));
};

/** Only what was started by mistake would make it. */
const traceOf = (): string => join(hub.userHome, 'started');

const exampleCall = (action: (typeof terminalActions)[number]): JsonObject => {
  const examples: JsonObject = {
    command: `touch '${traceOf()}'`,
    terminal_name: 'hostile',
    description: 'what it is for',
    background: true,
    working_dir: hub.userHome,
    timeout: 5,
    input: 'typed',
    wait_for: { pattern: 'x', idle_ms: 100, exit: true, timeout: 5 },
    keep_alive: false,
    lines: 20,
    from: 0,
    node_id: 'main',
    call_id: newId('call'),
  };
  const names = [
    ...terminalActionFields.required[action],
    ...terminalActionFields.optional[action],
    'node_id',
    'call_id',
  ];
  return { action, ...Object.fromEntries(names.map((name) => [name, examples[name]])) };
};

/** Ids are judged by what they name; paths by what is there. */
const freeText = [
  'command',
  'description',
  'input',
  'working_dir',
  'wait_for.pattern',
  'terminal_name',
  'node_id',
  'call_id',
];

for (const action of terminalActions)
  test(`T2: ${action} refuses every wrong field by name, and starts nothing`, async () => {
    const valid = exampleCall(action);
    const hugeBytes = 1024 * 1024 + 1;
    for (const { name, field, input } of wrongObjects({ schema: terminalToolSchema, valid, freeText, hugeBytes })) {
      // A repeated id would be answered with the first refusal.
      const fresh = field === 'call_id' ? {} : { call_id: newId('call') };
      const error = expectFailure(await call({ ...(input as JsonObject), ...fresh }), name);
      expect({ name, code: error.code }).toEqual({ name, code: 'INVALID_ARGUMENT' });
      expect(error).toSatisfy(() => names(error.field, field), `${name} names ${field}, not ${error.field}`);
      expect(error.message.startsWith(`${error.field}: `)).toBe(true);
    }
    for (const field of terminalActionFields.required[action]) {
      const { [field]: _, ...rest } = valid;
      expect(expectFailure(await call({ ...rest, call_id: newId('call') }), `without ${field}`)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        field,
      });
    }
    expect(existsSync(traceOf())).toBe(false);
    expect((await hub.host.api.session({ params: { id: sessionId } })).terminals).toEqual([]);
  });

test('T5, N5: hostile directories and nodes are refused by name where only their meaning is wrong', async () => {
  for (const [name, text] of Object.entries(hostileTexts).filter(([, value]) => value.trim() !== '')) {
    const directory = expectFailure(await call({ ...exampleCall('run'), working_dir: `${text}/nowhere` }), name);
    expect(directory.field).toBe('working_dir');
    const node = expectFailure(await call({ ...exampleCall('run'), node_id: text }), name);
    expect(node.field).toBe('node_id');
  }
  expect(existsSync(traceOf())).toBe(false);
});

test('T2: what is no object, no JSON or too large is refused; an action of another kind is named', async () => {
  for (const body of [[], 'text', 1, null, true, {}]) expectFailure(await call(body), JSON.stringify(body));
  const raw = await send({
    method: 'POST',
    path: `/sessions/${sessionId}/tools/terminal`,
    body: Buffer.from('{"action"'),
  });
  expect(raw.status).toBe(400);
  const large = JSON.stringify({ ...exampleCall('run'), command: 'x'.repeat(10 * 1024 * 1024) });
  const refused = await sendLarge(Buffer.from(large));
  expect(refused.status).toBe(413);
  for (const action of Object.values(hostileTexts))
    expect(expectFailure(await call({ ...exampleCall('run'), action }), action)).toMatchObject({ field: 'action' });
  for (const { name, field, input } of wrongObjects({ schema: toolManualSchema, valid: { tool: 'terminal' } }))
    expect(expectFailure(await call(input, 'tool_manual'), name)).toMatchObject({ field });
});

test('T10, N7: names and ids that mean something to JavaScript are names like all others', async () => {
  for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
    const open = { action: 'open', terminal_name: name, description: name, command: 'exec cat', background: true };
    expect((await call(open)).json).toMatchObject({ success: true });
    expect(expectFailure(await call(open), name)).toMatchObject({ code: 'TERMINAL_EXISTS' });
    expect((await call({ action: 'status', terminal_name: name })).json).toMatchObject({ success: true });
    const run = { action: 'run', command: 'date +%s%N', call_id: name };
    const first = await call(run);
    expect(first.json).toMatchObject({ success: true, metadata: { call_id: name } });
    expect((await call(run)).json?.['output']).toBe(first.json?.['output']);
    expect((await call({ action: 'close', terminal_name: name })).json).toMatchObject({ success: true });
    expect(expectFailure(await call({ action: 'close', terminal_name: name }), name)).toMatchObject({
      code: 'TERMINAL_NOT_FOUND',
    });
  }
});

/** The schema of each message, as it is in the union. */
const messageSchemas = clientMessageSchema.options as unknown as z.ZodObject<{ type: z.ZodLiteral<string> }>[];

const exampleMessages = (terminalId: string): Record<string, JsonObject[]> => ({
  subscribe: [
    { id: 'x', to: { kind: 'hub', after: 0, generation: 'g' } },
    { id: 'x', to: { kind: 'session', sessionId, after: 0, generation: 'g' } },
    { id: 'x', to: { kind: 'terminal', terminalId, from: 0, snapshot: true, scrollback: 10, windowBytes: 65_536 } },
    { id: 'x', to: { kind: 'call', sessionId, callId: newId('call'), stdout: 0, stderr: 0 } },
  ],
  unsubscribe: [{ id: 'x' }],
  'terminal.input': [{ terminalId, input: 'x' }],
  'terminal.resize': [{ terminalId, columns: 80, rows: 24 }],
  'terminal.ack': [{ terminalId, offset: 0 }],
  'terminal.control': [{ terminalId, action: 'take', ifFree: true }],
  ping: [{ id: 'x' }],
});

test('I9: every message of a socket refuses every wrong field by name; socket and hub live on', async () => {
  const { api } = hub.host;
  const terminal = await openTerminal(api, { sessionId, name: 'socket', command: 'exec cat' });
  await using socket = await openSocket(hub);
  let sent = 0;
  const expectError = async (message: string | Uint8Array): Promise<JsonObject> => {
    const before = socket.events.length;
    socket.send(message);
    sent += 1;
    const error = await socket.event('error', (event) => socket.events.indexOf(event) >= before);
    expect(JSON.stringify(error)).not.toMatch(leakPattern);
    return error.data;
  };
  for (const schema of messageSchemas) {
    const type = schema.shape.type.value;
    for (const data of exampleMessages(terminal.id)[type] ?? []) {
      const valid = { type, id: 'm', data };
      const free = ['id', 'data.id', 'data.input', 'data.to.generation', 'data.to.callId', 'data.to.nodeId'];
      for (const { name, field, input } of wrongObjects({ schema, valid, freeText: free })) {
        if (field === 'type') continue;
        const error = await expectError(JSON.stringify(input));
        expect({ type, name, ...error }).toMatchObject({ type, name, code: 'INVALID_REQUEST' });
        expect(error).toSatisfy(() => names(error['field'], field), `${type} ${name}: ${String(error['field'])}`);
      }
    }
  }
  const noMessages = ['', 'x', '{', '[]', 'null', '"text"', '1', '{}', '{"type":"__proto__","data":{}}', '{"type":1}'];
  for (const text of [...noMessages, '['.repeat(50_000), `{"type":"ping","data":{"id":"${'x'.repeat(1024 * 1024)}"}}`])
    expect(await expectError(text)).toMatchObject({ code: 'INVALID_REQUEST' });
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(5),
    new Uint8Array(64).fill(255),
    Buffer.alloc(1024 * 1024, 2),
  ])
    expect(await expectError(bytes)).toMatchObject({ code: 'INVALID_REQUEST' });
  expect(sent).toBeGreaterThan(300);
  socket.send({ type: 'ping', data: { id: 'still there' } });
  await socket.event('pong', ({ data }) => data.id === 'still there');
  expect((await call({ action: 'status', terminal_name: 'socket' })).json).toMatchObject({
    metadata: { lines: [], terminal: { pid: terminal.pid, columns: 120, rows: 40 } },
  });
  await call({ action: 'close', terminal_name: 'socket' });
});

test('after all of that the hub is the same, answers, and runs nothing', async () => {
  expect(await hub.host.api.status()).toMatchObject({ status: 'ok' });
  expect((await call({ action: 'run', command: 'echo on' })).json).toMatchObject({ output: 'on\n' });
  expect((await hub.host.api.session({ params: { id: sessionId } })).terminals).toEqual([]);
  expect((await findMarked(hub.mark)).filter(({ command }) => /cat$|touch/.test(command))).toEqual([]);
  expect(hub.process.isRunning).toBe(true);
});
