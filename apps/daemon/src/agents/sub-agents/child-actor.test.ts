/** A sub-agent never has more rights than the one that starts it (T23, N5, N8, P4). */
import { profileSchema, type Profile, type Session } from '@navisai/protocol';
import type { AgentTool } from '@navisai/agent';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeRecord } from '@navisai/store';
import type { Actor } from '../agents.types.ts';
import { type ChildParts, childOf } from './child-actor.ts';

const allTools = ['terminal', 'filesystem', 'code_exec', 'spawn_agent', 'plan', 'mcp_web_fetch'];

const profileOf = (more: Record<string, unknown> = {}): Profile =>
  profileSchema.parse({ id: 'developer', name: 'Developer', description: '', tools: allTools, ...more });

const actorOf = (profile: Profile, more: Partial<Actor> = {}): Actor => ({
  session: { id: 's_0123456789abcdef' } as Session,
  userId: 'u_1',
  requester: { kind: 'agent', name: 'Developer' },
  runId: 'r_0123456789abcdef',
  profile,
  approvals: profile.approvals,
  nodeId: null,
  directory: '/home/me/project',
  depth: 0,
  mayAsk: true,
  ...more,
});

const partsOf = (others: readonly Profile[] = []): ChildParts => ({
  profiles: {
    async get(id) {
      const profile = others.find((one) => one.id === id);
      if (profile === undefined) throw new Error(`no ${id}`);
      return { profile, systemPrompt: '' };
    },
  },
  toolbox: {
    toolsFor: ({ profile }) =>
      allTools
        .filter((name) => profile.tools.includes(name))
        .map((name): AgentTool => ({
          name,
          description: '',
          schema: {},
          execute: () => Promise.reject(new Error(name)),
        })),
  },
  nodes: {
    registry: {
      find: (name) =>
        name === 'nas' || name === 'n_nas'
          ? ({ id: 'n_nas', name: 'nas' } as NodeRecord)
          : name === 'main'
            ? ({ id: 'main', name: 'main' } as NodeRecord)
            : undefined,
    },
  },
});

test('N8: without more it is its parent once more, one deeper, named by what it is for', async () => {
  const actor = actorOf(profileOf(), { nodeId: 'n_nas', approvals: 'never' });
  const child = await childOf(partsOf(), actor, { task: 'Look.', description: 'Look around' });
  expect(child).toMatchObject({
    loopNode: null,
    model: null,
    actor: {
      session: actor.session,
      nodeId: 'n_nas',
      directory: '/home/me/project',
      approvals: 'never',
      depth: 1,
      requester: { kind: 'sub_agent', name: 'Look around' },
    },
  });
  expect(child.actor.profile.tools).toEqual(allTools);
});

test('N5, N8: a node that is named is where its loop and its tools are; `main` is this hub', async () => {
  const actor = actorOf(profileOf());
  const there = await childOf(partsOf(), actor, { task: 'Look.', node_id: 'nas' });
  expect(there).toMatchObject({ loopNode: 'n_nas', actor: { nodeId: 'n_nas', directory: null } });
  const here = await childOf(partsOf(), actor, { task: 'Look.', node_id: 'main' });
  expect(here).toMatchObject({ loopNode: null, actor: { nodeId: 'main', directory: '/home/me/project' } });
  const unknown = childOf(partsOf(), actor, { task: 'Look.', node_id: 'elsewhere' });
  await expect(unknown).rejects.toMatchObject({ code: 'NODE_UNKNOWN', field: 'node_id' });
});

test('N5: the node of its own profile counts before that of its parent', async () => {
  const admin = profileOf({ id: 'server_admin', node_id: 'n_admin' });
  const actor = actorOf(profileOf(), { nodeId: 'n_nas' });
  const child = await childOf(partsOf([admin]), actor, { task: 'Look.', profile: 'server_admin' });
  expect(child).toMatchObject({ loopNode: null, actor: { nodeId: 'n_admin', directory: null } });
});

test('N8: a profile must be among those that the parent allows', async () => {
  const other = profileOf({ id: 'mine' });
  const free = actorOf(profileOf());
  const refused = childOf(partsOf([other]), free, { task: 'Look.', profile: 'mine' });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'profile' });
  const allowing = actorOf(profileOf({ sub_agents: { profiles: ['mine'] } }));
  const child = await childOf(partsOf([other]), allowing, { task: 'Look.', profile: 'mine' });
  expect(child.actor.profile.id).toBe('mine');
});

test('N8: a tool that the parent does not have is named and refused', async () => {
  const actor = actorOf(profileOf({ tools: ['filesystem', 'spawn_agent'] }));
  const refused = childOf(partsOf(), actor, { task: 'Look.', tools: ['filesystem', 'terminal'] });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'tools' });
  const child = await childOf(partsOf(), actor, { task: 'Look.', tools: ['filesystem'] });
  expect(child.actor.profile.tools).toEqual(['filesystem']);
});

test('N8: the deepest starts none, and neither does one whose profile says so', async () => {
  const task = { task: 'Look.' };
  const deep = actorOf(profileOf({ sub_agents: { max_depth: 2 } }), { depth: 2 });
  await expect(childOf(partsOf(), deep, task)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
  const none = actorOf(profileOf({ sub_agents: { enabled: false } }));
  await expect(childOf(partsOf(), none, task)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
});

const modes = ['never', 'risky', 'always'] as const;
const anyProfile = (id: string) =>
  fc
    .record({
      tools: fc.subarray(allTools),
      approvals: fc.constantFrom(...modes),
      max_iterations: fc.integer({ min: 1, max: 50 }),
      depth: fc.integer({ min: 1, max: 5 }),
      parallel: fc.integer({ min: 1, max: 20 }),
      timeout: fc.integer({ min: 10, max: 3600 }),
    })
    .map(({ depth, parallel, timeout, ...more }) =>
      profileOf({
        id,
        ...more,
        sub_agents: { max_depth: depth, max_parallel: parallel, timeout_seconds: timeout },
      }),
    );

test('N8: whatever the profiles are, nothing of the child is wider than its parent', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyProfile('developer'),
      anyProfile('secretary'),
      fc.constantFrom(...modes),
      fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      async (own, other, approvals, asked) => {
        const parent = actorOf(own, { approvals });
        const given = { task: 'Look.', profile: 'secretary', max_iterations: asked };
        const { actor } = await childOf(partsOf([other]), parent, given);
        expect(own.tools).toEqual(expect.arrayContaining(actor.profile.tools));
        expect(modes.indexOf(actor.approvals)).toBeGreaterThanOrEqual(modes.indexOf(approvals));
        const [above, below] = [own.sub_agents, actor.profile.sub_agents];
        expect(below.max_depth).toBeLessThanOrEqual(above.max_depth);
        expect(below.max_parallel).toBeLessThanOrEqual(above.max_parallel);
        expect(below.timeout_seconds).toBeLessThanOrEqual(above.timeout_seconds);
        const turns = Math.min(own.max_iterations, other.max_iterations, asked ?? Infinity);
        expect(actor.profile.max_iterations).toBe(turns);
        expect(actor.depth).toBe(1);
      },
    ),
  );
});
