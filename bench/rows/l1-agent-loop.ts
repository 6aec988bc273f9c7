/** L1, its pure part: what the loop of an agent adds per turn, per call and to the first token, with a model and tools that take no time. */
import type { AgentMessage, AgentModel, AgentRunRequest, AgentTool, ModelEvent } from '@navisai/agent';
import { runAgent } from '@navisai/agent';
import { growthExponent, median } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const [turnCount, callCount, toolCount] = [100, 30, 15];
/** A long conversation: as many messages as fit what large models read at once. */
const historyTurns = 1000;
const outputCharacters = 1500;

export const l1AgentLoop: BenchRow = {
  id: 'L1',
  what: `agent loop alone, after ${historyTurns} turns of history: added per turn, per call, to the first token`,
  async run({ rounds }): Promise<Figure[]> {
    const perTurn: number[] = [];
    const perCall: number[] = [];
    const first: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const long = await measure({ turns: turnCount, calls: 1, history: historyTurns });
      const [few, many] = [
        await measure({ turns: 5, calls: 1, history: historyTurns }),
        await measure({ turns: 5, calls: callCount, history: historyTurns }),
      ];
      if (round === 0) continue;
      perTurn.push(long.totalMs / turnCount);
      perCall.push(Math.max(0, many.totalMs - few.totalMs) / (5 * (callCount - 1)));
      first.push(long.firstMs);
    }
    const sizes = [250, 500, 1000, 2000];
    const costs: number[] = [];
    for (const history of sizes) {
      const samples: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { totalMs, firstMs } = await measure({ turns: 50, calls: 1, history });
        samples.push(totalMs - firstMs);
      }
      costs.push(median(samples));
    }
    const exponent = growthExponent(sizes, costs);
    return [
      figure('per turn', median(perTurn), 5),
      figure('per tool call', median(perCall), 10),
      figure('to the first token', median(first), 5),
      {
        what: 'growth of a turn with its history',
        unit: 'exponent',
        ours: exponent,
        peers: {},
        goal: 'at most 1',
        met: exponent <= 1,
      },
    ];
  },
};

const figure = (what: string, ours: number, limitMs: number): Figure => ({
  what,
  unit: 'ms',
  ours,
  peers: {},
  goal: `at most ${limitMs} ms`,
  met: ours <= limitMs,
});

interface Load {
  turns: number;
  /** In each turn. */
  calls: number;
  /** Turns before. */
  history: number;
}

const measure = async (load: Load): Promise<{ totalMs: number; firstMs: number }> => {
  const request = requestFor(load);
  const start = performance.now();
  let firstMs = Number.NaN;
  for await (const event of runAgent(request)) {
    if (Number.isNaN(firstMs) && event.type === 'delta') firstMs = performance.now() - start;
    if (event.type === 'end' && event.reason !== 'completed') throw new Error(`the run ended ${event.reason}`);
  }
  return { totalMs: performance.now() - start, firstMs };
};

const requestFor = ({ turns, calls, history }: Load): AgentRunRequest => {
  let ids = 0;
  return {
    system: 'You are measured. '.repeat(300),
    messages: Array.from({ length: history }, (_, index) => oldTurn(index)).flat(),
    model: instantModel(turns, calls),
    tools: Array.from({ length: toolCount }, (_, index) => instantTool(`tool_${index}`)),
    limits: { maxTurns: turns + 1 },
    takeSteering: async () => [],
    newCallId: () => `c_bench${(ids += 1)}`,
    now: () => performance.now(),
    signal: new AbortController().signal,
  };
};

/** Flat, as it comes from a store or a socket. */
const textOf = (length: number): string => Buffer.alloc(length, 'x').toString();

const oldTurn = (index: number): AgentMessage[] => [
  { role: 'user', text: `Do step ${index}.` },
  {
    role: 'assistant',
    parts: [
      { type: 'text', text: 'I look.' },
      { type: 'tool_call', callId: `c_old${index}`, tool: 'tool_0', arguments: { path: `/srv/${index}` } },
    ],
  },
  {
    role: 'tool',
    results: [{ callId: `c_old${index}`, tool: 'tool_0', output: textOf(outputCharacters), success: true }],
  },
];

const usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };

const instantModel = (turns: number, calls: number): AgentModel => {
  let asked = 0;
  return {
    reference: 'bench/instant',
    contextTokens: 100_000_000,
    async *stream(): AsyncGenerator<ModelEvent> {
      asked += 1;
      yield { type: 'text', text: 'Next.' };
      const isLast = asked > turns;
      if (!isLast)
        for (let index = 0; index < calls; index += 1)
          yield { type: 'tool_call', key: `k${index}`, tool: `tool_${index % toolCount}`, arguments: { index } };
      yield { type: 'end', reason: isLast ? 'stop' : 'tool_calls', usage };
    },
  };
};

const instantTool = (name: string): AgentTool => ({
  name,
  description: 'Does something. '.repeat(20),
  schema: {
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`field_${index}`, { type: 'string', description: 'What it is for.' }]),
    ),
  },
  execute: async () => ({ success: true, output: 'y'.repeat(outputCharacters), metadata: { exit_code: 0 } }),
});
