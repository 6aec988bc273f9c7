/** Sessions and tool calls over HTTP, and the events of terminals (I7, I8, requirements "Details"). */
import { expect, test } from 'vitest';
import { type HubBench, startHubBench, terminalOf } from '../hub-bench.fixture.ts';

const newSession = async (bench: HubBench, title?: string): Promise<string> => {
  const { status, body } = await bench.call('POST', '/sessions', title === undefined ? {} : { title });
  expect(status).toBe(200);
  return String(body.id);
};

test('I7: a session is made, named, shown with its terminals, and closed with them', async () => {
  await using bench = await startHubBench();
  const id = await newSession(bench);
  bench.machine.list = [terminalOf(id), terminalOf('s_other')];
  expect((await bench.call('PATCH', `/sessions/${id}`, { title: ' work ' })).body).toMatchObject({
    title: 'work',
    seq: 2,
  });
  const shown = await bench.call('GET', `/sessions/${id}`);
  expect(shown.body).toMatchObject({ id, title: 'work', terminals: [{ name: 'web', sessionId: id }] });
  expect((shown.body.terminals as unknown[]).length).toBe(1);
  expect((await bench.call('DELETE', `/sessions/${id}`)).status).toBe(204);
  expect(bench.machine.closedSessions).toEqual([id]);
  expect((await bench.call('GET', `/sessions/${id}`)).status).toBe(404);
  expect((await bench.call('DELETE', `/sessions/${id}`)).status).toBe(404);
  expect((await bench.call('POST', `/sessions/${id}/tools/terminal`, { action: 'list' })).status).toBe(404);
});

test('I7: sessions are listed newest first, in pages that join without gap or double', async () => {
  await using bench = await startHubBench();
  const made: string[] = [];
  for (let index = 0; index < 7; index += 1) made.push(await newSession(bench, `session ${index}`));
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { body } = await bench.call('GET', `/sessions?limit=3${after === null ? '' : `&after=${after}`}`);
    seen.push(...(body.sessions as { id: string }[]).map(({ id }) => id));
    after = body.next as string | null;
  } while (after !== null);
  expect(new Set(seen)).toEqual(new Set(made));
  expect(seen).toHaveLength(7);
});

test('I12: the default session is made on first use, once, and again after it was closed', async () => {
  await using bench = await startHubBench();
  const answers = await Promise.all(Array.from({ length: 10 }, () => bench.call('PUT', '/sessions/default')));
  const ids = new Set(answers.map(({ body }) => body.id));
  expect(ids.size).toBe(1);
  await bench.call('DELETE', `/sessions/${String([...ids][0])}`);
  const again = await bench.call('PUT', '/sessions/default');
  expect(again.status).toBe(200);
  expect(ids.has(again.body.id)).toBe(false);
});

test('I7: a tool call reaches the machine with its own arguments only; call_id and node_id address it', async () => {
  await using bench = await startHubBench();
  const id = await newSession(bench);
  const path = `/sessions/${id}/tools/terminal`;
  const answer = await bench.call('POST', path, { action: 'list', call_id: 'my-call-1', node_id: 'main' });
  expect(answer).toMatchObject({
    status: 200,
    body: { success: true, metadata: { call_id: 'my-call-1', node_id: 'main' } },
  });
  expect(bench.machine.calls).toMatchObject([
    { tool: 'terminal', arguments: { action: 'list' }, sessionId: id, callId: 'my-call-1', origin: 'person' },
  ]);
  for (const given of [[], 'text', 7, null]) expect((await bench.call('POST', path, given)).status).toBe(200);
  await bench.send({
    method: 'POST',
    path,
    body: '{"action":"list","__proto__":{"x":1}}',
    headers: { 'content-type': 'application/json' },
    signer: bench.host,
  });
  expect(Object.keys(bench.machine.calls.at(-1)?.arguments as object)).toEqual(['action', '__proto__']);
});

test('N5: another node is an error naming it, never a silent local run', async () => {
  await using bench = await startHubBench();
  const id = await newSession(bench);
  const answer = await bench.call('POST', `/sessions/${id}/tools/terminal`, { action: 'list', node_id: 'nas' });
  expect(answer).toMatchObject({
    status: 200,
    body: { success: false, error: { code: 'NODE_UNKNOWN', field: 'node_id' } },
  });
  for (const address of [{ node_id: 7 }, { node_id: '../x' }, { call_id: 'short' }, { call_id: {} }]) {
    const refused = await bench.call('POST', `/sessions/${id}/tools/terminal`, { action: 'list', ...address });
    expect(refused).toMatchObject({
      status: 200,
      body: { success: false, error: { code: 'INVALID_ARGUMENT', field: Object.keys(address)[0] } },
    });
  }
  expect(bench.machine.calls).toEqual([]);
});

test('U1: a viewer reads and does not run', async () => {
  await using bench = await startHubBench();
  const id = await newSession(bench);
  const viewer = await bench.addDevice('viewer');
  expect((await bench.send({ path: `/sessions/${id}`, signer: viewer })).status).toBe(200);
  const run = await bench.send({
    method: 'POST',
    path: `/sessions/${id}/tools/terminal`,
    json: { action: 'list' },
    signer: viewer,
  });
  expect(run).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
});

test('T25, I8: what happens to terminals is in the log of their session, in order; size and title are not kept', async () => {
  await using bench = await startHubBench();
  const id = await newSession(bench);
  const terminal = terminalOf(id);
  const live: string[] = [];
  bench.hub.services.feed.listen(({ event }) => {
    if (event.type === 'session.update') live.push(event.data.change);
  });
  const exit = { exitCode: 0, signal: null, at: terminal.startedAt, kind: 'exited' as const };
  bench.machine.emit({ type: 'terminal.opened', terminal });
  bench.machine.emit({ type: 'terminal.updated', terminal });
  bench.machine.emit({ type: 'terminal.idle_warning', terminal, reason: 'in 5 minutes' });
  bench.machine.emit({ type: 'terminal.exited', terminal, exit });
  bench.machine.emit({ type: 'terminal.closed', terminal, reason: 'closed after 30 minutes of inactivity' });
  await expect.poll(() => live.length).toBe(5);
  expect(live).toEqual([
    'terminal.opened',
    'terminal.updated',
    'terminal.idle_warning',
    'terminal.exited',
    'terminal.closed',
  ]);
  const { body } = await bench.call('GET', `/sessions/${id}/events?after=1`);
  const kept = body.events as {
    type: string;
    sessionId: string;
    data: { seq: number; change: string; reason?: string };
  }[];
  expect(kept.map(({ data }) => [data.seq, data.change])).toEqual([
    [2, 'terminal.opened'],
    [3, 'terminal.idle_warning'],
    [4, 'terminal.exited'],
    [5, 'terminal.closed'],
  ]);
  expect(kept.at(-1)).toMatchObject({
    type: 'session.update',
    sessionId: id,
    data: { reason: 'closed after 30 minutes of inactivity' },
  });
});

test('I7: the API describes itself as OpenAPI 3.1 and as a page, both made from the table', async () => {
  await using bench = await startHubBench();
  const { body } = await bench.send({ path: '/docs/openapi.json' });
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths as object)).toContain('/sessions/{id}/tools/{tool}');
  const page = await bench.send({ path: '/docs' });
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.text).toContain('/sessions/:id/tools/:tool');
  expect(page.text).not.toMatch(/<script|https?:\/\//);
});

test('I7: the OpenAPI document is whole: every reference and every parameter of a path is there', async () => {
  await using bench = await startHubBench();
  const { body, text } = await bench.send({ path: '/docs/openapi.json' });
  const { schemas } = body.components as { schemas: Record<string, unknown> };
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(Object.keys(schemas)).toContain(name);
  for (const [path, operations] of Object.entries(
    body.paths as Record<string, Record<string, { parameters: { name: string; in: string }[] }>>,
  )) {
    const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
    for (const { parameters } of Object.values(operations))
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
  }
});

test('I3: the CA is served to everyone', async () => {
  await using bench = await startHubBench();
  const { status, headers, text } = await bench.send({ path: '/certs/navis.local-ca.crt' });
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/x-x509-ca-cert' });
  expect(text).toBe(bench.ca);
});
