/** A real hub with real nodes: everything that a person does on `main` goes to the node that is named (N1–N7, N9, N10). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolResult } from '@navisai/protocol';
import { startHub, startNode, type TestHub, type TestNode, until } from '@navisai/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const call = (hub: TestHub, sessionId: string, body: Record<string, unknown>, tool = 'terminal'): Promise<ToolResult> =>
  hub.host.api.callTool({ params: { id: sessionId, tool }, body });

const newSession = async (hub: TestHub): Promise<string> => (await hub.host.api.createSession({ body: {} })).id;

describe('nodes', { timeout: 180_000 }, () => {
  let hub: TestHub;
  let nas: TestNode;

  beforeAll(async () => {
    hub = await startHub();
    nas = await startNode(hub, { name: 'nas', labels: { role: 'files' } });
  }, 120_000);

  afterAll(async () => {
    await nas[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  }, 180_000);

  test('N3: the registry lists main first, then nodes with platform, version, labels and epoch', async () => {
    const { nodes } = await hub.host.api.nodes({});
    expect(nodes.map(({ name, state }) => ({ name, state }))).toEqual([
      { name: 'main', state: 'online' },
      { name: 'nas', state: 'online' },
    ]);
    expect(nodes[1]).toMatchObject({ labels: { role: 'files' }, epoch: 1, keyExpiresAt: null });
    for (const node of nodes) expect(node.platform?.hostname).toBeTruthy();
    // Both are this very machine.
    expect(nodes[0]?.platform?.sandbox).toBe(nodes[1]?.platform?.sandbox);
    await until('load is told', async () => (await nas.info()).load !== null);
  });

  test('N5: a call goes to the node that is named, by id or by name, and to main without', async () => {
    const sessionId = await newSession(hub);
    const where = async (node_id?: string) => {
      const result = await call(hub, sessionId, { action: 'run', command: 'echo "$HOME"', node_id });
      return { home: result.output.trim(), node: result.metadata.node_id };
    };
    expect(await where()).toEqual({ home: hub.userHome, node: 'main' });
    expect(await where('nas')).toEqual({ home: nas.userHome, node: nas.id });
    expect(await where(nas.id)).toEqual({ home: nas.userHome, node: nas.id });
    const unknown = await call(hub, sessionId, { action: 'run', command: 'true', node_id: 'nobody' });
    expect(unknown).toMatchObject({ success: false, error: { code: 'NODE_UNKNOWN', field: 'node_id' } });
  });

  test('N5, T15, T20: names of terminals are unique over all nodes, so a name alone finds its terminal', async () => {
    const sessionId = await newSession(hub);
    const open = (name: string, node_id?: string) =>
      call(hub, sessionId, {
        action: 'open',
        terminal_name: name,
        description: 'test',
        command: 'cat',
        background: true,
        node_id,
      });
    expect(await open('here')).toMatchObject({ success: true });
    expect(await open('there', 'nas')).toMatchObject({ success: true });
    expect(await open('there')).toMatchObject({ success: false, error: { code: 'TERMINAL_EXISTS' } });
    expect(await open('here', 'nas')).toMatchObject({ success: false, error: { code: 'TERMINAL_EXISTS' } });
    const status = await call(hub, sessionId, { action: 'status', terminal_name: 'there' });
    expect(status).toMatchObject({ success: true, metadata: { node_id: nas.id } });
    const list = await call(hub, sessionId, { action: 'list' });
    expect(list.output).toContain('here: test');
    expect(list.output).toContain('there: test');
    expect(list.output).toContain('node nas');
    const { terminals } = await hub.host.api.session({ params: { id: sessionId } });
    expect(terminals.map(({ name, nodeId }) => [name, nodeId]).toSorted()).toEqual([
      ['here', 'main'],
      ['there', nas.id],
    ]);
    await hub.host.api.closeSession({ params: { id: sessionId } });
    await until('its terminals are gone', async () => (await nas.info()).terminals === 0);
  });

  test('T16: ten terminals per session, over all nodes', async () => {
    const sessionId = await newSession(hub);
    const open = (name: string, node_id: string) =>
      call(hub, sessionId, {
        action: 'open',
        terminal_name: name,
        description: 'test',
        command: 'cat',
        background: true,
        node_id,
      });
    const names = Array.from({ length: 14 }, (_, index) => `t${index}`);
    const results = await Promise.all(names.map((name, index) => open(name, index % 2 === 0 ? 'main' : 'nas')));
    expect(results.filter(({ success }) => success)).toHaveLength(10);
    for (const { success, error } of results) if (!success) expect(error?.code).toBe('TERMINAL_LIMIT');
    await hub.host.api.closeSession({ params: { id: sessionId } });
  });

  test('N9: calls on a node are told in the one stream of their session', async () => {
    const sessionId = await newSession(hub);
    await call(hub, sessionId, { action: 'run', command: 'exit 3', node_id: 'nas' });
    await call(hub, sessionId, { action: 'run', command: 'true' });
    const told = await until('all is told', async () => {
      const { events } = await hub.host.api.sessionEvents({ params: { id: sessionId }, query: {} });
      const tools = events.filter(({ type }) => type !== 'session.update');
      return tools.length === 4 ? tools : undefined;
    });
    expect(told.map(({ type, data }) => [type, (data as { nodeId: string }).nodeId])).toEqual([
      ['tool_started', nas.id],
      ['tool_call', nas.id],
      ['tool_started', 'main'],
      ['tool_call', 'main'],
    ]);
    expect(told[1]?.data).toMatchObject({ success: false, exitCode: 3 });
  });

  test('N5: a node that is drained takes no new work, and what runs there goes on', async () => {
    const sessionId = await newSession(hub);
    const open = { action: 'open', terminal_name: 'cat', description: 'test', command: 'cat', background: true };
    await call(hub, sessionId, { ...open, node_id: 'nas' });
    await hub.host.api.changeNode({ params: { id: 'nas' }, body: { draining: true } });
    expect(await call(hub, sessionId, { action: 'run', command: 'true', node_id: 'nas' })).toMatchObject({
      error: { code: 'NODE_DRAINING' },
    });
    expect(await call(hub, sessionId, { action: 'send_input', terminal_name: 'cat', input: 'x\n' })).toMatchObject({
      success: true,
    });
    expect(await call(hub, sessionId, { action: 'close', terminal_name: 'cat' })).toMatchObject({ success: true });
    await hub.host.api.changeNode({ params: { id: 'nas' }, body: { draining: false } });
  });

  test('T18, N5: while the node is away its terminals are listed as such, and work is refused, not done elsewhere', async () => {
    const sessionId = await newSession(hub);
    const open = { action: 'open', terminal_name: 'cat', description: 'test', command: 'cat', background: true };
    await call(hub, sessionId, { ...open, node_id: 'nas' });
    const terminals = async () => (await hub.host.api.session({ params: { id: sessionId } })).terminals;
    const [before] = await terminals();
    await nas.kill();
    await until('the node is known to be away', async () => (await nas.info()).state === 'offline');
    expect(await terminals()).toMatchObject([{ name: 'cat', reachable: false, pid: before?.pid }]);
    expect(await call(hub, sessionId, { action: 'run', command: 'true', node_id: 'nas' })).toMatchObject({
      error: { code: 'NODE_OFFLINE' },
    });
    expect(await call(hub, sessionId, { action: 'status', terminal_name: 'cat' })).toMatchObject({
      error: { code: 'NODE_OFFLINE' },
    });
    // Also by a hub that never saw the node.
    await hub.stopKeeping();
    await hub.start();
    expect(await terminals()).toMatchObject([{ name: 'cat', reachable: false, pid: before?.pid }]);
    await nas.start();
    expect(await terminals()).toMatchObject([{ name: 'cat', reachable: true, pid: before?.pid, status: 'busy' }]);
    const typed = await call(hub, sessionId, { action: 'send_input', terminal_name: 'cat', input: 'hello\n' });
    expect(typed).toMatchObject({ success: true });
    await hub.host.api.closeSession({ params: { id: sessionId } });
  });

  test('N7: the output of a call is watched by a hub that never saw its node, from when the node is back', async () => {
    const sessionId = await newSession(hub);
    const callId = 'watched-on-nas';
    const command = 'echo before; until [ -e "$HOME/go" ]; do sleep 0.1; done; echo after';
    const running = call(hub, sessionId, { action: 'run', command, call_id: callId, node_id: 'nas' });
    running.catch(() => undefined);
    await until('the command runs', () => call(hub, sessionId, { action: 'list' }).then(() => nas.isRunning));
    await nas.kill();
    await hub.stopKeeping();
    await hub.start();
    const client = await hub.connect();
    let seen = '';
    const watching = client
      .live()
      .followCall(
        { sessionId, callId, nodeId: nas.id },
        { onOutput: ({ bytes }) => void (seen += Buffer.from(bytes).toString('utf8')) },
      );
    await until('the hub was asked', () => client.live().state.kind === 'connected');
    await nas.start();
    await until('what came before is seen', () => seen === 'before\n');
    await writeFile(join(nas.userHome, 'go'), '');
    await until('all of it is seen, once', () => seen === 'before\nafter\n');
    watching.close();
  });

  test('T3: the output of a call on a node is found by its id alone, also by a hub that never saw the call', async () => {
    const sessionId = await newSession(hub);
    const callId = 'output-on-nas';
    const command = 'seq 1 100000';
    await call(hub, sessionId, { action: 'run', command, node_id: 'nas', call_id: callId });
    const read = async () =>
      (await hub.host.api.output({ params: { id: sessionId, callId }, query: { from: 0, limit: 20 } })).bytes;
    expect(Buffer.from(await read()).toString()).toMatch(/^1\n2\n3\n/);
    await hub.stopKeeping();
    await hub.start();
    await until('the node is back', async () => (await nas.info()).state === 'online');
    expect(Buffer.from(await read()).toString()).toMatch(/^1\n2\n3\n/);
    // N7: the same call is not run again.
    const again = await call(hub, sessionId, { action: 'run', command: 'echo other', node_id: 'nas', call_id: callId });
    expect(again.output).toMatch(/^1\n2\n3\n/);
  });

  test('N10: a session that is closed while its node is away is ended there when it is back', async () => {
    const sessionId = await newSession(hub);
    const open = { action: 'open', terminal_name: 'cat', description: 'test', command: 'cat', background: true };
    await call(hub, sessionId, { ...open, node_id: 'nas' });
    await nas.kill();
    await until('the node is known to be away', async () => (await nas.info()).state === 'offline');
    await hub.host.api.closeSession({ params: { id: sessionId } });
    await hub.stopKeeping();
    await hub.start();
    await nas.start();
    await until('the terminal is ended', async () => (await nas.info()).terminals === 0);
  });

  test('N2: revoking drops the live link, and the node stays away', async () => {
    await using web = await startNode(hub, { name: 'web' });
    await hub.host.api.revokeNode({ params: { id: 'web' } });
    await until('the node leaves', () => !web.isRunning);
    expect(await web.info()).toMatchObject({ state: 'revoked', connectedAt: null });
    await hub.host.api.removeNode({ params: { id: 'web' } });
    await expect(web.info()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
