/** An agent that wants out, at a running hub: what only seems to read, what is published, what MCP lends, what a decision binds (A1, A2, A7, A8, N12). */
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideCall, type HttpResponse, type Signer } from '@navisai/client';
import { createNodeHttp, readHostDevice } from '@navisai/client/node';
import {
  type ApprovalOf,
  formatAuthorization,
  mcpPath,
  newNonce,
  requestSigningText,
  sha256Hex,
} from '@navisai/protocol';
import { startNode, type TestHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentBench, writeProfile } from './conversation.fixture.ts';

const run = (command: string, more: object = {}) => ({
  tool: 'terminal',
  arguments: { action: 'run', command, ...more },
});

const asked = async ({ host }: TestHub): Promise<ApprovalOf<'call'>[]> => {
  const { approvals } = await host.api.pendingApprovals();
  return approvals.flatMap((approval) => (approval.kind === 'call' ? [approval] : []));
};

/** Each would make the file `mark` where a policy took it for reading. */
const disguised = (mark: string): string[] => [
  `echo a | sort --outp ${mark}`,
  `x=$(printf 'a[$\\x28touch ${mark})]'); echo $((x))`,
  `printf 'touch ${mark}' > /dev/null; x='touch ${mark}'; eval $x`,
  `history -s x; history -w ${mark}`,
  `git init -q . 2> /dev/null; git diff --no-index --outp=${mark} /dev/null /etc/hostname`,
  `echo 'open("${mark}", "w")' | python3 -v`,
  `env -S 'touch ${mark}'`,
  `find /etc/hostname -fprint ${mark}`,
  `awk 'BEGIN { print "x" > "${mark}" }'`,
  `sed -n 'w ${mark}' /etc/hostname`,
  `cat <(touch ${mark})`,
  `: > ${mark}`,
  `tr a b < /dev/null | tee ${mark}`,
  `$'\\x74ouch' ${mark}`,
  `to''uch ${mark}`,
  `xargs -I{} sh -c 'touch {}' <<< ${mark}`,
];

test('A1: whatever seems to read and does more waits for the person, here and on a node, and does nothing until then', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  await using node = await startNode(hub, { name: 'nas' });
  await writeProfile(hub.home, { id: 'asking', approvals: 'risky' });
  for (const [home, more] of [
    [hub.userHome, {}],
    [node.userHome, { node_id: 'nas' }],
  ] as const) {
    using talk = await bench.talk({ profile: 'asking' });
    const mark = join(home, 'mark');
    const commands = disguised(mark);
    bench.model.script([{ calls: commands.map((command) => run(command, more)) }]);
    const { runId } = await talk.say('Read something.');
    const waiting = await until('everything asks', async () => {
      const all = await asked(hub);
      return all.length === commands.length ? all : undefined;
    });
    expect(new Set(waiting.map(({ detail }) => detail.text))).toEqual(new Set(commands));
    expect(existsSync(mark)).toBe(false);
    await talk.stop();
    expect((await talk.end(runId)).reason).toBe('stopped');
    expect(existsSync(mark)).toBe(false);
    expect(await asked(hub)).toEqual([]);
  }
});

test('A2, N12: a decision is about one call on one machine: no other call, node or device makes use of it', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  await using node = await startNode(hub, { name: 'nas' });
  await writeProfile(hub.home, { id: 'asking', approvals: 'risky' });
  const [phone, viewer, lost] = [
    await hub.pair({ name: 'phone' }),
    await hub.pair({ name: 'viewer', scope: 'viewer' }),
    await hub.pair({ name: 'lost' }),
  ];
  await hub.host.api.revokeDevice({ params: { id: lost.device.id } });
  using talk = await bench.talk({ profile: 'asking' });
  const deed = 'echo done >> deeds';
  bench.model.script([{ calls: [run(deed), run(deed), run(deed, { node_id: 'nas' })] }, { text: 'That was all.' }]);
  const { runId } = await talk.say('Go.');
  const waiting = await until('three ask', async () => {
    const all = await asked(hub);
    return all.length === 3 ? all : undefined;
  });
  const there = waiting.find(({ detail }) => detail.call.nodeId === node.id);
  const [first, second] = waiting.filter(({ detail }) => detail.call.nodeId === 'main');
  if (first === undefined || second === undefined || there === undefined) throw new Error('asked otherwise');
  const decide = (by: typeof phone, approval: ApprovalOf<'call'>) =>
    decideCall(by.connection, { approval, grant: 'once' });
  await expect(decide(viewer, first)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(decide(lost, first)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  // The words of one call under the id of another question, and what was signed for another call, node or text.
  for (const forged of [
    { ...second, detail: first.detail },
    { ...there, detail: first.detail },
    { ...first, detail: { ...first.detail, call: { ...first.detail.call, nodeId: node.id } } },
    { ...first, detail: { ...first.detail, call: { ...first.detail.call, callId: second.detail.call.callId } } },
    {
      ...first,
      detail: { ...first.detail, call: { ...first.detail.call, arguments: { action: 'run', command: 'ls' } } },
    },
  ])
    await expect(decide(phone, forged)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await decide(phone, first);
  await expect(decide(phone, first)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await asked(hub)).map(({ id }) => id).toSorted()).toEqual([second.id, there.id].toSorted());
  for (const approval of [second, there])
    await hub.host.api.reject({ params: { id: approval.id }, body: { comment: 'no' } });
  expect((await talk.end(runId)).reason).toBe('completed');
  expect(await readFile(join(hub.userHome, 'deeds'), 'utf8')).toBe('done\n');
  expect(existsSync(join(node.userHome, 'deeds'))).toBe(false);
});

test('A2, A8: what is shown is what runs: whole, however long, and with everything that hides or reorders in it', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  await writeProfile(hub.home, { id: 'asking', approvals: 'risky' });
  using talk = await bench.talk({ profile: 'asking' });
  const commands = [`echo ${'x '.repeat(9_000)}; touch mark`, 'touch mark # \u202e sl \u200b', 'ls\rtouch mark\tx'];
  bench.model.script([{ calls: commands.map((command) => run(command)) }]);
  await talk.say('Go.');
  const waiting = await until('all ask', async () => {
    const all = await asked(hub);
    return all.length === commands.length ? all : undefined;
  });
  for (const { detail } of waiting) {
    const { command } = detail.call.arguments as { command: string };
    expect(commands).toContain(command);
    expect(detail.text).toBe(command);
  }
  await talk.stop();
});

test('A8: a search through everything shows no content of well-known secrets unasked, here and on a node', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  await using node = await startNode(hub, { name: 'nas' });
  await writeProfile(hub.home, { id: 'asking', approvals: 'risky' });
  for (const [home, more] of [
    [hub.userHome, {}],
    [node.userHome, { node_id: 'nas' }],
  ] as const) {
    await mkdir(join(home, '.ssh'), { recursive: true });
    await writeFile(join(home, '.ssh', 'id_rsa'), 'top-secret key\n');
    await symlink(join(home, '.ssh'), join(home, 'notes'));
    await writeFile(join(home, 'list.txt'), 'top-secret no more\n');
    const search = (given: object) => ({
      tool: 'filesystem',
      arguments: { action: 'grep', pattern: 'top-secret', ...given },
    });
    using talk = await bench.talk({ profile: 'asking' });
    const places = [home, '~', join(home, 'notes')];
    bench.model.script([{ calls: places.map((path) => search({ path, ...more })) }, { text: 'Looked.' }]);
    const { runId } = await talk.ask('Search.');
    const answers = talk.parts(runId).filter(({ kind }) => kind === 'tool_result');
    expect(answers.map(({ text }) => text.includes('top-secret no more'))).toEqual([true, true, false]);
    const read = { action: 'read', path: join(home, 'notes', 'id_rsa'), ...more };
    const compare = { action: 'diff', path: join(home, 'list.txt'), to: join(home, 'notes', 'id_rsa'), ...more };
    bench.model.script([{ calls: [read, compare].map((given) => ({ tool: 'filesystem', arguments: given })) }]);
    await talk.say('Read.');
    await until('both ask', async () => (await asked(hub)).length === 2);
    await talk.stop();
    await until('it ended', () => talk.of('stream_end').length === 2);
    expect(JSON.stringify(talk.events)).not.toContain('top-secret key');
  }
});

test('A8: what an agent publishes is a file to download, and no page of this origin', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  using talk = await bench.talk();
  const files = ['page.html', 'picture.svg', 'script.js'];
  for (const name of files)
    await writeFile(
      join(hub.userHome, name),
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    );
  const calls = files.map((path) => ({ tool: 'content_publish', arguments: { path, name: `"\r\nx-evil: ${path}` } }));
  bench.model.script([{ calls }, { text: 'Look.' }]);
  await talk.ask('Go.');
  const contents = talk.of('stream_notice').flatMap(({ content }) => content ?? []);
  expect(contents).toHaveLength(files.length);
  const phone = await hub.pair({ name: 'phone' });
  for (const { id } of contents) {
    const answer = await openEdge(hub, phone.signer, { path: `/sessions/${talk.id}/contents/${id}` });
    expect(answer.status).toBe(200);
    expect(answer.header('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''%22/);
    expect(answer.header('content-type')).toBe('application/octet-stream');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    expect(answer.header('content-security-policy')).toContain('sandbox');
    expect(answer.header('x-evil')).toBeUndefined();
  }
});

test('I20: a token of MCP does what it was made for, and opens nothing else', async () => {
  await using bench = await startAgentBench();
  const { hub } = bench;
  const { token, secret } = await hub.host.api.addMcpToken({ body: { name: 'editor', tools: ['filesystem'] } });
  const { token: other } = await hub.host.api.addMcpToken({ body: { name: 'other' } });
  const mark = join(hub.userHome, 'mark');
  const callTool = async (name: string, given: object) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } };
    const answer = await openEdge(hub, secret, { path: mcpPath, body });
    return { status: answer.status, text: Buffer.from(answer.body).toString() };
  };
  const read = await callTool('filesystem', { action: 'list', path: hub.userHome });
  expect(read.status).toBe(200);
  const foreign = await callTool('terminal', { action: 'run', command: `touch ${mark}` });
  expect(foreign.text).toMatch(/error/i);
  for (const name of ['plan', 'spawn_agent', 'code_exec', 'content_publish', '__proto__'])
    expect((await callTool(name, {})).text).toMatch(/error/i);
  for (const path of [
    '/sessions',
    '/approvals/pending',
    '/access/mcp-tokens',
    `/sessions/${token.sessionId}/tools/terminal`,
  ])
    expect((await openEdge(hub, secret, { path })).status).toBeGreaterThanOrEqual(401);
  const [id, ...rest] = secret.split('.');
  for (const wrong of [`${id}.${rest.toReversed().join('.')}`, secret.replace(token.id, other.id), `${secret}x`])
    expect((await openEdge(hub, wrong, { path: mcpPath, body: {} })).status).toBe(401);
  expect(existsSync(mark)).toBe(false);
  expect(await asked(hub)).toEqual([]);
  await hub.host.api.revokeMcpToken({ params: { id: token.id } });
  expect((await callTool('filesystem', { action: 'list', path: hub.userHome })).status).toBe(401);
});

/** A request as any program sends it: signed by a device, or with a bearer token. */
const openEdge = async (
  hub: TestHub,
  credential: Signer | string,
  { path, body }: { path: string; body?: unknown },
): Promise<HttpResponse> => {
  const { caFile, hubId } = await readHostDevice(hub.home);
  const http = createNodeHttp({ origin: hub.origin, ca: await readFile(caFile, 'utf8') });
  const method = body === undefined ? 'GET' : 'POST';
  const headers: Record<string, string> = { accept: 'application/json, text/event-stream' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (typeof credential === 'string') headers['authorization'] = `Bearer ${credential}`;
  else {
    const [timestamp, nonce] = [new Date().toISOString(), newNonce()];
    const bodySha256 = await sha256Hex(new Uint8Array());
    const text = requestSigningText({ method, pathAndQuery: path, bodySha256, timestamp, nonce, hubId });
    const { deviceId } = credential;
    headers['authorization'] = formatAuthorization({
      deviceId,
      timestamp,
      nonce,
      signature: await credential.sign(text),
    });
  }
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  return http({ method, pathAndQuery: path, headers, body: bytes, signal: AbortSignal.timeout(20_000) });
};
