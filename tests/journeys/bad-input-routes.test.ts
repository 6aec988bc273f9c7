/** Every route with every wrong parameter, query and body: the right error by name, nothing done, nothing told (I10, I15). */
import { errorTable, maxBodyBytes, newId, routes, type Route, type RouteName } from '@navisai/protocol';
import { createSession, startHub, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Case, hostileTexts, type JsonObject, leakPattern, names, wrongObjects } from './hostile.fixture.ts';
import { openWire, type WireAnswer, type WireRequest } from './wire.fixture.ts';

let hub: TestHub;
let sessionId = '';
let send: (request: WireRequest) => Promise<WireAnswer>;
beforeAll(async () => {
  hub = await startHub();
  sessionId = await createSession(hub.host.api);
  send = await openWire(hub);
});
afterAll(() => hub[Symbol.asyncDispose]());

const isAboutNodes = ({ path }: Route): boolean => path.startsWith('/nodes');

/** By the beginning of the path. */
const ids: readonly [string, () => string][] = [
  ['/nodes', () => newId('node')],
  ['/devices', () => newId('device')],
  ['/approvals', () => newId('approval')],
  ['/policy/rules', () => newId('rule')],
  ['/recalls', () => newId('recall')],
  ['/projects', () => newId('project')],
  ['/access/mcp-tokens', () => newId('accessToken')],
  ['/profiles', () => 'nobody'],
  ['/models', () => 'nobody'],
];
const idFor = ({ path }: Route): string => ids.find(([start]) => path.startsWith(start))?.[1]() ?? sessionId;

const kindFor = ({ path }: Route): string =>
  path === '/sessions' ? 'terminal' : path === '/models' ? 'openai-compatible' : 'browser';

/** Well-formed values by name; those of things that do not exist, so that nothing can happen to what does. */
const examples = (route: Route): Readonly<Record<string, unknown>> => ({
  id: idFor(route),
  terminalId: newId('terminal'),
  callId: newId('call'),
  tool: 'terminal',
  after: route.path === '/sessions' ? sessionId : isAboutNodes(route) ? 'nas' : '0',
  limit: route.method === 'POST' ? 5 : '5',
  from: '0',
  tail: '5',
  state: 'pending',
  token: 'A'.repeat(22),
  name: isAboutNodes(route) ? 'nas' : 'a phone',
  nodeId: newId('node'),
  node: newId('node'),
  labels: { role: 'web' },
  draining: true,
  overlay: { version: 1 },
  action: 'run',
  command: 'true',
  workingDirectory: '/',
  kind: kindFor(route),
  baseUrl: 'http://127.0.0.1:1/v1',
  key: 'a key',
  models: route.path === '/models' ? [{ id: 'm' }] : ['nobody/m'],
  model: route.path.startsWith('/recalls') ? ['nobody/m'] : 'm',
  signed: { text: '{}', signature: 'A'.repeat(88), deviceId: newId('device') },
  grant: 'once',
  comment: 'a comment',
  mediaType: 'text/plain',
  data: 'YQ==',
  task: 'a task',
  schedule: { kind: 'interval', seconds: 60 },
  missed: 'skip',
  notify: 'never',
  paused: true,
  sessionId: newId('session'),
  profile: 'developer',
  approvals: 'risky',
  mayAsk: false,
  waitMinutes: 5,
  limitMinutes: 5,
  contentId: newId('content'),
  text: 'a text',
  messageId: newId('message'),
  attachments: [],
  replaces: newId('message'),
  endpoint: 'https://push.example/1',
  keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) },
  effect: 'allow',
  matcher: { tools: ['terminal'] },
  nodes: null,
  publicKey: 'A'.repeat(43),
  scope: 'viewer',
  pairingId: newId('pairing'),
  title: 'a title',
  signal: 'SIGINT',
  keep: true,
});

type Part = 'params' | 'query' | 'body';

/** All fields of one part, with the example of each. */
const exampleOf = (route: Route, part: Part): JsonObject => {
  const known = examples(route);
  const shape = (route[part] as { shape?: Record<string, unknown> }).shape ?? {};
  return Object.fromEntries(Object.keys(shape).map((name) => [name, known[name]]));
};

const pathOf = (route: Route, params: JsonObject, query: JsonObject): string => {
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(textOf(params[name])));
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`,
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
};

/** In an address everything is text; half a character cannot be written there at all. */
const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\p{Cs}/gu, '\ufffd');

const requestFor = (route: Route, part: Part, input: JsonObject): WireRequest => {
  const params = part === 'params' ? input : exampleOf(route, 'params');
  const query = part === 'query' ? input : {};
  const body = part === 'body' ? input : takesBody(route) ? exampleOf(route, 'body') : undefined;
  return { method: route.method, path: pathOf(route, params, query), body };
};

const takesBody = (route: Route): boolean => 'shape' in route.body;

const expectRefusal = (answer: WireAnswer, about: string): void => {
  const { status, text, json } = answer;
  expect({ about, status, text }).toMatchObject({
    status: expect.toSatisfy((code: number) => code >= 400 && code < 500) as number,
  });
  expect({ about, code: json?.['code'] }).toEqual({
    about,
    code: expect.toSatisfy((code: string) => Object.hasOwn(errorTable, code)) as string,
  });
  expect(String(json?.['message']).length).toBeGreaterThan(10);
  expect(text.length).toBeLessThan(2000);
  expect(text).not.toMatch(leakPattern);
  expect(text).not.toContain(hub.home);
};

/** What people may write or name as they like: ids of calls are the caller's own, nodes are known by their names. */
const freeText = [
  'title',
  'name',
  'tool',
  'callId',
  'nodeId',
  'node',
  'action',
  'command',
  'workingDirectory',
  'text',
  'comment',
  'task',
  'key',
  'model',
  'profile',
  'data',
  'matcher.command',
  'signed.text',
  'signed.signature',
];
/** Models and profiles are named by people, in small letters. */
const isNamed = ({ path }: Route): boolean => path.startsWith('/models') || path.startsWith('/profiles');
const freeTextOf = (route: Route): string[] => {
  if (isAboutNodes(route)) return [...freeText, 'id', 'after'];
  return isNamed(route) ? [...freeText, 'id'] : freeText;
};

/** Strangers may ask for a pairing only so often. */
const maxPairingRequests = 11;

/** At most `count` of them, from everywhere in the list. */
const spread = <T>(list: readonly T[], count: number): T[] => {
  const step = Math.ceil(list.length / count);
  return list.filter((_, index) => index % step === 0);
};

const casesOf = (route: Route, part: Part): Case[] => {
  if (part === 'body' && !takesBody(route)) return [];
  const schema = route[part];
  const all = wrongObjects({ schema, valid: exampleOf(route, part), freeText: freeTextOf(route), hugeBytes: 10_000 });
  const isWrongAsText = ({ input }: Case): boolean => !schema.safeParse(asTexts(input as JsonObject)).success;
  const cases = part === 'body' ? all : all.filter(isWrongAsText);
  const isLimited = route.path.startsWith('/pairing/') && route.path !== '/pairing/status';
  return isLimited ? spread(cases, maxPairingRequests) : cases;
};

const asTexts = (input: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, textOf(value)]));

const expectNamed = ({ status, json }: WireAnswer, { name, field }: Case): void => {
  // Too long for an address, or for any public body: then no field of it was read.
  const isReadAtAll = status === 400 && !name.includes('huge');
  if (isReadAtAll)
    expect({ name, told: json?.['field'] }).toSatisfy(({ told }) => names(told, field), `names ${field}`);
};

for (const name of Object.keys(routes) as RouteName[])
  test(`I10: ${name} refuses whatever is wrong with it, by name`, async () => {
    const route: Route = routes[name];
    for (const part of ['query', 'body', 'params'] as const) {
      for (const one of casesOf(route, part)) {
        const input = one.input as JsonObject;
        // An address has all of its parts and no others.
        const isAddress = Object.keys(input).length === Object.keys(exampleOf(route, 'params')).length;
        if (part === 'params' && !isAddress) continue;
        const answer = await send(requestFor(route, part, input));
        expectRefusal(answer, `${part} ${one.name}`);
        expectNamed(answer, one);
      }
    }
  });

test('I10, N3: a node may be called like a part of the language, and is then just not there', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', '..']) {
    const answer = await send({ method: 'GET', path: `/nodes/${encodeURIComponent(name)}`, body: undefined });
    expectRefusal(answer, name);
    expect([400, 404]).toContain(answer.status);
  }
});

test('I10: bodies that are no JSON, not for this route, or too large are refused as what they are', async () => {
  const deep = 100_000;
  const bodies: [string, unknown, number][] = [
    ['no JSON', Buffer.from('{"title": '), 400],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400],
    ['deeply nested', Buffer.from('['.repeat(deep) + ']'.repeat(deep)), 400],
    ['a list', [], 400],
    ['a text', 'text', 400],
    ['null', null, 400],
    ['10 MB', Buffer.alloc(10 * 1024 * 1024, 0x20), 413],
    ['just too large', Buffer.alloc(maxBodyBytes + 1, 0x20), 413],
  ];
  for (const [about, body, status] of bodies) {
    const answer = await send({ method: 'POST', path: '/sessions', body });
    expectRefusal(answer, about);
    expect({ about, status: answer.status }).toEqual({ about, status });
  }
  const asText = await send({ method: 'POST', path: '/sessions', body: {}, contentType: 'text/plain' });
  expectRefusal(asText, 'text/plain');
  expectRefusal(await send({ method: 'GET', path: '/devices', body: { x: 1 } }), 'a body for GET');
});

test('I10: hostile addresses are refused, whatever they try to reach', async () => {
  const tried = [
    ...Object.values(hostileTexts)
      .filter((text) => text !== '')
      .map((text) => `/sessions/${encodeURIComponent(textOf(text))}`),
    '/sessions/%00',
    '/sessions/%ff%fe',
    '/sessions/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/sessions/../../../../etc/passwd',
    '//etc/passwd',
    '/certs/..%2fidentity.json',
    '/certs/../identity.json',
    '/.navis/identity.json',
    `/sessions/${'x'.repeat(4000)}`,
    `/sessions/${sessionId}/terminals/..%2f..%2fstore/output`,
    `/sessions/${sessionId}/outputs/..%2f..%2f..%2fidentity`,
    `/sessions/${sessionId}/tools/__proto__`,
    `/sessions/${sessionId}/tools/constructor`,
    '/logs?tail=1&tail=2',
    '/logs?tail[]=1',
    '/logs?__proto__[x]=1',
    '/logs?tail=%00',
  ];
  for (const path of tried) {
    const method = path.includes('/tools/') ? 'POST' : 'GET';
    expectRefusal(await send({ method, path, body: method === 'POST' ? {} : undefined }), path);
  }
  for (const method of ['TRACE', 'PUT', 'DELETE', 'OPTIONS'])
    expectRefusal(await send({ method, path: '/devices' }), method);
});

test('after all of that the hub is the same process, answers, has done nothing, and polluted nothing', async () => {
  const { api } = hub.host;
  expect(await api.status()).toMatchObject({ status: 'ok' });
  const { sessions } = await api.sessions();
  expect(sessions).toMatchObject([
    { id: sessionId, title: expect.not.stringContaining('polluted') as string, terminals: [] },
  ]);
  expect((await api.devices()).devices).toHaveLength(1);
  expect((await api.approvals()).approvals).toEqual([]);
  expect(hub.process.isRunning).toBe(true);
  expect(hub.process.printed).not.toMatch(leakPattern);
});
