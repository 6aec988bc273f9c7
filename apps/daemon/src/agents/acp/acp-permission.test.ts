/** What an ACP agent asks for is judged by the text that it would run and the places that it names (I19, A1, A8). */
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { decideCall } from '@navisai/policy';
import { describe, expect, test } from 'vitest';
import type { Actor, GateRequest } from '../agents.types.ts';
import { decidePermission } from './acp-permission.ts';

const actor = { session: { id: 's_aaaaaaaa' }, userId: 'u', nodeId: null, directory: '/home/me/app' } as Actor;
const options: RequestPermissionRequest['options'] = [
  { optionId: 'yes', kind: 'allow_once', name: 'Yes' },
  { optionId: 'no', kind: 'reject_once', name: 'No' },
];

/** What the gate is asked, and what the policy says to it. */
const judged = async (toolCall: Partial<RequestPermissionRequest['toolCall']>, personHome = '/home/me') => {
  const asked: GateRequest[] = [];
  const gate = {
    authorise: (request: GateRequest) => {
      asked.push(request);
      return Promise.resolve({ kind: 'allowed' as const, authority: null, isUnmasked: false });
    },
  };
  const { signal } = new AbortController();
  const request = { sessionId: 'x', toolCall: { toolCallId: 't', ...toolCall }, options };
  const onWaiting = (): void => undefined;
  await decidePermission(request, { gate, actor, callId: undefined, signal, personHome, onWaiting });
  const [first] = asked;
  if (first === undefined) throw new Error('the gate was not asked');
  const place = { home: '/home/me', directory: '/home/me/app' };
  const now = '2026-01-01T00:00:00.000Z';
  const { decision } = decideCall({ mode: 'risky', call: first.call, risk: first.risk, rules: [], place, now });
  return { call: first.call, risk: first.risk, effect: decision.effect };
};

describe('I19, A1: commands of ACP agents', () => {
  test.each([
    [['bash', '-lc', 'git push --force'], "bash -lc 'git push --force'"],
    [['bash', '-lc', 'npm version patch'], "bash -lc 'npm version patch'"],
    [['bash', '-c', 'git log --output=x'], "bash -c 'git log --output=x'"],
    [['git', 'log', '--format=%B; rm x', '--output=x'], "git log '--format=%B; rm x' --output=x"],
  ])('a list of words stays one: %j', async (command, text) => {
    const { call, effect } = await judged({ kind: 'execute', rawInput: { command } });
    expect(call).toMatchObject({ tool: 'terminal', arguments: { command: text } });
    expect(effect).toBe('ask');
  });

  test('a program with its words beside it is the whole command', async () => {
    const { call, effect } = await judged({ kind: 'execute', rawInput: { command: 'git', args: ['push', '-f'] } });
    expect({ effect, arguments: call.arguments }).toMatchObject({
      effect: 'ask',
      arguments: { command: 'git push -f' },
    });
  });

  test('reading runs unasked, also as words', async () => {
    expect((await judged({ kind: 'execute', rawInput: { command: ['bash', '-lc', 'ls -la'] } })).effect).toBe('allow');
    expect((await judged({ kind: 'execute', rawInput: { command: 'git status' } })).effect).toBe('allow');
  });

  test('a command is judged where the agent would run it', async () => {
    const named = await judged({ kind: 'execute', rawInput: { command: 'cat config', cwd: '/home/me/.kube' } });
    expect(named).toMatchObject({ effect: 'ask', call: { arguments: { working_dir: '/home/me/.kube' } } });
    const relative = await judged({ kind: 'execute', rawInput: { command: 'ls', workdir: 'src' } });
    expect(relative.call.arguments).toMatchObject({ working_dir: '/home/me/app/src' });
  });
});

describe('I19, A8: places that an ACP agent names', () => {
  test.each([
    ['read', [{ path: '/home/me/app/.env' }], undefined],
    ['read', [{ path: '/home/me/app/src/a.ts' }, { path: '/home/me/.ssh/id_rsa' }], undefined],
    ['search', [], { path: '/home/me/.aws/credentials' }],
    ['read', undefined, { filePath: '.env' }],
    ['edit', [{ path: '/home/me/app/src/a.ts' }], undefined],
  ] as const)('asked for: %s %j %j', async (kind, locations, rawInput) => {
    const given = locations?.map((location) => ({ ...location }));
    expect((await judged({ kind, locations: given, rawInput })).effect).toBe('ask');
  });

  test('what programs are looked up in is in the home directory of the person, not in that of the process', async () => {
    const program = { kind: 'edit' as const, locations: [{ path: '/srv/me/bin/git' }] };
    expect((await judged(program, '/srv/me')).risk).toBe('privilege');
    expect((await judged(program, '/home/me')).risk).toBe('changing');
  });

  test('reading an ordinary file is not', async () => {
    expect((await judged({ kind: 'read', locations: [{ path: '/home/me/app/src/a.ts' }] })).effect).toBe('allow');
  });
});
