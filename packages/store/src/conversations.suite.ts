/** What every adapter must do for conversations: places, what is set aside, runs, search, compaction (A3, N9). */
import { type AgentSettings, newId, type Usage } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewMessage, RunRecord } from './conversations.types.ts';
import type { StorePlace } from './event-log.suite.ts';
import type { NewEvent } from './events.types.ts';
import type { Store } from './store.types.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const sessionId = 's_1111';
const usage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  modelMs: 0,
  durationMs: 0,
  turns: 0,
};

const newMessage = (facts: Partial<NewMessage> = {}): NewMessage => ({
  id: newId('message'),
  sessionId,
  thread: '',
  kind: 'message',
  body: { role: 'user', text: 'x' },
  text: 'x',
  seq: 1,
  runId: null,
  isWaiting: false,
  at: at(0),
  ...facts,
});

const newRun = (facts: Partial<RunRecord> = {}): RunRecord => ({
  id: newId('run'),
  sessionId,
  kind: 'agent',
  parent: null,
  state: 'running',
  profile: 'developer',
  model: null,
  nodeId: 'main',
  instanceId: 'main',
  order: { depth: 0 },
  startSeq: 1,
  startedAt: at(0),
  endedAt: null,
  usage,
  error: null,
  ...facts,
});

const settings: AgentSettings = {
  profile: 'developer',
  nodeId: null,
  directory: null,
  model: null,
  approvals: null,
  projectId: null,
  forkedFrom: null,
  acpAgent: null,
};

const newSession = (facts: { id: string; userId?: string; agent?: AgentSettings }) => ({
  kind: 'agent' as const,
  title: 'talk',
  userId: 'u_1',
  instanceId: 'main',
  createdAt: at(0),
  ...facts,
});

const add = (store: Store, ...messages: NewMessage[]) =>
  store
    .transaction(async ({ conversations }) => {
      for (const message of messages) await conversations.addMessage(message);
    })
    .then(() => undefined);

const delta = (facts: { streamId?: string; part: number; offset: number; text: string }): NewEvent => ({
  stream: sessionId,
  sessionId,
  type: 'stream_delta',
  data: { streamId: 'r_1111', kind: 'text', ...facts },
});

export const testConversations = (name: string, newPlace: () => Promise<StorePlace>): void => {
  testMessages(name, newPlace);
  testRuns(name, newPlace);
  testHubCalls(name, newPlace);
  testCompaction(name, newPlace);
};

const testMessages = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A3: a message has one place, and one that waits gets it when it is taken`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [first, waiting, last] = [newMessage(), newMessage({ isWaiting: true }), newMessage()];
    await add(store, first, waiting, last, first);
    const ids = async (): Promise<string[]> =>
      (await store.read.conversations.context(sessionId, '')).map(({ id }) => id);
    expect(await ids()).toEqual([first.id, last.id]);
    expect(await store.read.conversations.waiting(sessionId)).toMatchObject([{ id: waiting.id, isWaiting: true }]);
    await store.transaction(({ conversations }) => conversations.takeWaiting(sessionId, 'r_1111'));
    expect(await ids()).toEqual([first.id, last.id, waiting.id]);
    expect(await store.read.conversations.message(waiting.id)).toMatchObject({ runId: 'r_1111', isWaiting: false });
    expect(await store.read.conversations.waiting(sessionId)).toEqual([]);
  });

  test(`${name}: A3: what is set aside leaves the context, also when it was compacted since, and is still there`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [first, second] = [newMessage(), newMessage()];
    const context = newMessage({ kind: 'context', body: ['all'], text: null });
    await add(store, first, second, context, newMessage({ thread: 'r_1111' }));
    const { conversations } = store.read;
    expect((await conversations.context(sessionId, '')).map(({ id }) => id)).toEqual([context.id]);
    expect((await conversations.outline(sessionId)).map(({ id }) => id)).toEqual([first.id, second.id]);
    const setAside = (id: string) =>
      store.transaction((writer) => writer.conversations.setAside(sessionId, id)).then(({ result }) => result);
    expect(await setAside(second.id)).toBe(true);
    expect(await setAside(second.id)).toBe(false);
    expect((await conversations.context(sessionId, '')).map(({ id }) => id)).toEqual([first.id]);
    expect(await conversations.message(second.id)).toMatchObject({ isAside: true });
    expect(await conversations.context(sessionId, 'r_1111')).toHaveLength(1);
  });

  test(`${name}: P4: a session keeps how its agent is set up`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    await store.transaction((writer) => writer.sessions.create(newSession({ id: sessionId, agent: settings })));
    expect(await store.read.sessions.get(sessionId)).toMatchObject({ agent: settings });
    const changed = { ...settings, model: 'a/b' };
    const configure = (id: string) =>
      store.transaction((writer) => writer.conversations.configure(id, changed)).then(({ result }) => result);
    expect(await configure(sessionId)).toBe(true);
    expect(await configure('s_none')).toBe(false);
    expect(await store.read.sessions.list({ userId: 'u_1', limit: 1 })).toMatchObject([{ agent: changed }]);
  });

  test(`${name}: I19: a session keeps how an agent of others finds its conversation again, the last that was told`, async () => {
    await using place = await newPlace();
    const remembered = { agent: 'claude', nodeId: 'main', id: 'abc' };
    {
      await using store = await place.open();
      await store.transaction((writer) => writer.sessions.create(newSession({ id: sessionId, agent: settings })));
      expect(await store.read.conversations.remembered(sessionId)).toBeUndefined();
      for (const agent of [{ ...remembered, id: 'before' }, remembered])
        await store.transaction((writer) => writer.conversations.remember(sessionId, agent));
      await store.transaction((writer) => writer.conversations.remember('s_none', remembered));
    }
    await using store = await place.open();
    expect(await store.read.conversations.remembered(sessionId)).toEqual(remembered);
    expect(await store.read.conversations.remembered('s_none')).toBeUndefined();
    expect(await store.read.sessions.get(sessionId)).toMatchObject({ agent: settings });
  });

  test(`${name}: A3: a search finds text of the person's own open sessions, newest first, signs taken as they are`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    await store.transaction(async ({ sessions }) => {
      await sessions.create(newSession({ id: sessionId }));
      await sessions.create(newSession({ id: 's_2222', userId: 'u_2' }));
    });
    const texts = ['say 100% now', 'say 1000 now', 'SAY 100% again'];
    await add(store, ...texts.map((text, index) => newMessage({ text, seq: index, at: at(index) })));
    await add(store, newMessage({ text: '100%', sessionId: 's_2222', at: at(9) }), newMessage({ text: null }));
    const search = (text: string) => store.read.conversations.search({ userId: 'u_1', text, limit: 10 });
    expect((await search('say 100%')).map(({ seq, title }) => [seq, title])).toEqual([
      [2, 'talk'],
      [0, 'talk'],
    ]);
    expect(await search('1_0')).toEqual([]);
  });

  test(`${name}: A8: files of a session are found in it alone`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const content = {
      id: 'f_1111',
      sessionId,
      name: 'a "ü".txt',
      mediaType: 'text/plain',
      sizeBytes: 3,
      createdAt: at(0),
      instanceId: 'main',
    };
    const keep = () =>
      store.transaction((writer) => writer.conversations.addContent(content)).then(({ result }) => result);
    expect([await keep(), await keep()]).toEqual([true, false]);
    expect(await store.read.conversations.content(sessionId, content.id)).toEqual(content);
    expect(await store.read.conversations.content('s_2222', content.id)).toBeUndefined();
    expect(await store.read.conversations.contents(sessionId)).toEqual([content]);
  });
};

const testRuns = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A3: a run is kept with its facts, found while it is not over, by its call and by age`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const run = newRun();
    const child = newRun({ parent: { runId: run.id, callId: 'c_12345678' }, startedAt: at(1) });
    const command = newRun({ kind: 'command', startedAt: at(2) });
    await store.transaction(async ({ conversations }) => {
      for (const one of [run, child, command]) await conversations.startRun(one);
      await conversations.keepPrompt(sessionId, { runId: run.id, prompt: { system: 'one' } });
      await conversations.keepPrompt(sessionId, { runId: run.id, prompt: { system: 'two' } });
    });
    const { conversations } = store.read;
    expect(await conversations.run(run.id)).toEqual(run);
    expect(await conversations.runOfCall(sessionId, 'c_12345678')).toEqual(child);
    expect((await conversations.runs({ sessionId, limit: 5 })).map(({ id }) => id)).toEqual([child.id, run.id]);
    expect(await conversations.lastRun(sessionId)).toEqual(run);
    const end = {
      state: 'failed',
      endedAt: at(3),
      error: { code: 'NO_MODEL', message: 'none' },
      model: 'a/b',
    } as const;
    await store.transaction((writer) => writer.conversations.changeRun(run.id, end));
    expect(await conversations.run(run.id)).toEqual({ ...run, ...end });
    expect((await conversations.unfinishedRuns()).map(({ id }) => id)).toEqual([child.id, command.id]);
    const usage = { ...run.usage, inputTokens: 7, turns: 2 };
    for (const change of [{ usage }, { model: 'c/d', usage }, { model: null, usage }]) {
      const before = await conversations.run(run.id);
      await store.transaction((writer) => writer.conversations.changeRun(run.id, change));
      expect(await conversations.run(run.id)).toEqual({ ...before, ...change });
    }
    expect(await conversations.prompt(sessionId)).toEqual({ runId: run.id, prompt: { system: 'two' } });
  });
};

const testHubCalls = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: N7: a call of the hub is begun once, and found with its result until it is forgotten`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const call = { sessionId, callId: 'c_12345678' };
    const other = { sessionId: 's_2222', callId: call.callId };
    const result = { success: true, output: 'sent', metadata: { call_id: call.callId } };
    const begin = (one: typeof call) =>
      store
        .transaction((writer) => writer.conversations.beginHubCall({ ...one, at: at(0) }))
        .then((done) => done.result);
    expect(await store.read.conversations.hubCall(call)).toBeUndefined();
    expect([await begin(call), await begin(call), await begin(other)]).toEqual([true, false, true]);
    expect(await store.read.conversations.hubCall(call)).toEqual({ result: null });
    await store.transaction((writer) => writer.conversations.endHubCall(call, result));
    expect(await begin(call)).toBe(false);
    expect(await store.read.conversations.hubCall(call)).toEqual({ result });
    expect(await store.read.conversations.hubCall(other)).toEqual({ result: null });
    await store.transaction((writer) => writer.conversations.forgetHubCall(call));
    await store.transaction((writer) => writer.conversations.endHubCall(call, result));
    expect(await store.read.conversations.hubCall(call)).toBeUndefined();
    expect(await store.read.conversations.hubCall(other)).toEqual({ result: null });
  });
};

const testCompaction = (name: string, newPlace: () => Promise<StorePlace>): void => {
  const compact = (store: Store) =>
    store
      .transaction((writer) => writer.conversations.compactDeltas({ stream: sessionId, streamId: 'r_1111', from: 1 }))
      .then(({ result }) => result);

  test(`${name}: N9: of each part one row is left, the last, with the whole text; other streams stay as they are`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    await store.appendEvents([
      delta({ part: 0, offset: 0, text: 'a' }),
      delta({ part: 0, offset: 1, text: 'b' }),
      delta({ streamId: 'r_2222', part: 0, offset: 0, text: 'other' }),
      delta({ part: 1, offset: 0, text: 'x' }),
      delta({ part: 0, offset: 2, text: 'c' }),
      delta({ part: 1, offset: 1, text: 'y' }),
    ]);
    expect(await compact(store)).toBe(3);
    expect(await compact(store)).toBe(0);
    const { events, seq } = await store.read.readEvents({ stream: sessionId, after: 0, limit: 10 });
    expect(seq).toBe(6);
    expect(events.map(({ seq: row, event }) => [row, (event.data as { text: string }).text])).toEqual([
      [3, 'other'],
      [5, 'abc'],
      [6, 'xy'],
    ]);
  });

  test(`${name}: N9: a reader with any cursor has the whole text after compaction`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { maxLength: 12 }), fc.nat({ max: 12 }), async (parts, read) => {
        await using place = await newPlace();
        await using store = await place.open();
        const lengths = [0, 0, 0];
        const pieces = parts.map((part, index) => {
          const offset = lengths[part] ?? 0;
          lengths[part] = offset + 1;
          return { part, offset, text: String.fromCharCode(97 + index) };
        });
        await store.appendEvents(pieces.map(delta));
        const whole = [0, 1, 2].map((part) =>
          pieces.flatMap((piece) => (piece.part === part ? [piece.text] : [])).join(''),
        );
        const texts = ['', '', ''];
        const take = async (after: number, limit: number): Promise<number> => {
          const { events } = await store.read.readEvents({ stream: sessionId, after, limit });
          for (const { event } of events) {
            const { part, offset, text } = event.data as { part: number; offset: number; text: string };
            const before = texts[part] ?? '';
            texts[part] = before.slice(0, offset) + text + before.slice(offset + text.length);
          }
          return events.at(-1)?.seq ?? after;
        };
        const cursor = read === 0 ? 0 : await take(0, read);
        await compact(store);
        await take(cursor, 100);
        expect(texts).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });
};
