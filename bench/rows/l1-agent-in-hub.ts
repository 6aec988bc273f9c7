/** L1 through the real hub: what a conversation adds per turn, per tool call and to the first token, beyond the model's and the tools' own time. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHub, startModelServer } from '@navisai/testkit';
import type { ModelServer, TestHub } from '@navisai/testkit';
import { median, percentile, timed, within } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const [fewCalls, manyCalls] = [1, 6];
const turnCount = 20;
const runDeadlineMs = 120_000;
const model = 'bench';

interface Told {
  /** From what was said to the first piece of an answer. */
  firstMs: number;
  totalMs: number;
  /** What the machine itself took for the calls; only where none ran beside another. */
  callsMs: number;
}

export const l1AgentInHub: BenchRow = {
  id: 'L1-HUB',
  what: 'a conversation in the hub: added per turn, per tool call, to the first token',
  async run({ rounds }): Promise<Figure[]> {
    await using server = await startModelServer();
    await using hub = await startHub();
    writeFileSync(join(hub.userHome, 'small.txt'), 'small\n');
    const baseUrl = server.baseUrl('openai-compatible');
    const models = [{ id: model, contextTokens: 200_000 }];
    await hub.host.api.addModelProvider({ body: { id: 'bench', kind: 'openai-compatible', baseUrl, models } });
    await hub.host.api.setDefaultModels({ body: { models: [`bench/${model}`] } });
    const bare: number[] = [];
    const [first, perTurn, perCall]: [number[], number[], number[]] = [[], [], []];
    const processor: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const exchange = median(await bareExchanges(server, baseUrl));
      const short = await converse({ server, hub, turns: 0, calls: 0 });
      const before = processorMs(hub.pid);
      const few = await converse({ server, hub, turns: turnCount, calls: fewCalls });
      const used = processorMs(hub.pid) - before;
      const many = await converse({ server, hub, turns: turnCount, calls: manyCalls });
      if (round === 0) continue;
      bare.push(exchange);
      processor.push(used / (turnCount + 1));
      first.push(Math.max(0, short.firstMs - exchange));
      const turnMs = (few.totalMs - few.callsMs) / (turnCount + 1) - exchange;
      perTurn.push(Math.max(0, turnMs));
      const extraCalls = turnCount * (manyCalls - fewCalls);
      perCall.push(Math.max(0, many.totalMs - few.totalMs) / extraCalls);
    }
    const peers = { 'bare exchange with the model': median(bare) };
    return [
      figure({ what: 'per turn with one call', ours: median(perTurn), limitMs: 5, peers }),
      {
        what: 'processor time of the hub per turn with one call',
        unit: 'ms',
        ours: median(processor),
        peers: {},
        goal: 'none',
        met: null,
      },
      figure({
        what: 'per further tool call, with what the tool itself takes',
        ours: median(perCall),
        limitMs: 10,
        peers: {},
      }),
      figure({ what: 'to the first token, p50', ours: median(first), limitMs: 5, peers }),
      figure({ what: 'to the first token, worst of the rounds', ours: percentile(first, 0.99), limitMs: 5, peers: {} }),
    ];
  },
};

const figure = ({ limitMs, ...facts }: Pick<Figure, 'what' | 'ours' | 'peers'> & { limitMs: number }): Figure => ({
  ...facts,
  unit: 'ms',
  goal: `at most ${limitMs} ms`,
  met: facts.ours <= limitMs,
});

interface Talk {
  server: ModelServer;
  hub: TestHub;
  turns: number;
  /** In each of them. */
  calls: number;
}

const converse = async ({ server, hub, turns, calls }: Talk): Promise<Told> => {
  let left = turns;
  server.reset();
  server.script(() => {
    if (left === 0) return { text: ['Done.'] };
    left -= 1;
    const call = { tool: 'filesystem', arguments: { action: 'read', path: join(hub.userHome, 'small.txt') } };
    return { calls: Array.from({ length: calls }, () => call) };
  });
  const { api } = hub.host;
  const session = await api.createSession({ body: { kind: 'agent', title: 'bench' } });
  const connection = await hub.connect();
  const [isLive, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const told: Told = { firstMs: Number.NaN, totalMs: Number.NaN, callsMs: 0 };
  let start = 0;
  const stream = connection.live().followSession(session.id, {
    onLive: () => isLive.resolve(),
    onEvent: (event) => {
      const now = performance.now() - start;
      if (event.type === 'stream_delta' && Number.isNaN(told.firstMs)) told.firstMs = now;
      if (event.type === 'tool_call') told.callsMs += event.data.durationMs;
      if (event.type !== 'stream_end') return;
      told.totalMs = now;
      if (event.data.reason === 'completed') isOver.resolve();
      else isOver.reject(new Error(`the run ended ${event.data.reason}: ${event.data.error?.message}`));
    },
  });
  await within(runDeadlineMs, 'the subscription', isLive.promise);
  start = performance.now();
  await api.sendMessage({ params: { id: session.id }, body: { text: 'Go.' } });
  await within(runDeadlineMs, 'the run', isOver.promise);
  stream.close();
  connection.close();
  return told;
};

/** The same answer asked for without any agent: one HTTP request, read to its end. */
const bareExchanges = async (server: ModelServer, baseUrl: string): Promise<number[]> => {
  server.reset();
  server.script(() => ({ text: ['Done.'] }));
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Go.' }] });
  const headers = { 'content-type': 'application/json' };
  const times: number[] = [];
  for (let sample = 0; sample < 20; sample += 1)
    times.push(
      await timed(async () => (await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body })).text()),
    );
  return times;
};

/** Linux: what a process used so far, in user mode and in the kernel. */
const processorMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
};
const msPerTick = 10;
