/** Many runs at once, and what a run adds to the time of its model (A3, L1). */
import { expect, test } from 'vitest';
import { startAgentBench, type Talk } from './conversation.fixture.ts';

const runs = 50;

test('A3: fifty conversations at once: each gets its own answer, its own call, and its whole text', async () => {
  await using bench = await startAgentBench();
  bench.model.script(({ messages }) => {
    const said = messages.findLast(({ role }) => role === 'user')?.text ?? '';
    const isAnswered = messages.at(-1)?.role === 'tool';
    const words = Array.from({ length: 30 }, (_, index) => `${said}-${index} `);
    if (isAnswered) return { text: words, delayMs: 5 };
    return { calls: [{ tool: 'filesystem', arguments: { action: 'list', path: bench.hub.userHome } }] };
  });
  const talks = await Promise.all(Array.from({ length: runs }, () => bench.talk()));
  const said = await Promise.all(talks.map((talk, index) => talk.say(`talk${index}`)));
  const ends = await Promise.all(said.map(({ runId }, index) => talks[index]?.end(runId)));
  expect(ends.map((end) => end?.reason)).toEqual(Array.from({ length: runs }, () => 'completed'));
  for (const [index, talk] of talks.entries()) {
    const runId = said[index]?.runId ?? '';
    expect(talk.text(runId)).toBe(Array.from({ length: 30 }, (_, word) => `talk${index}-${word} `).join(''));
    expect(talk.parts(runId).filter(({ kind, success }) => kind === 'tool_result' && success)).toHaveLength(1);
    talk[Symbol.dispose]();
  }
});

/** From what is said to the first word on the screen, on a machine at rest; a busy one is measured by its own pace. */
const promisedMs = 150;
const promisedRoundTrips = 15;

test('L1: the first word comes soon after the model said it', { retry: 2 }, async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script(({ said }) => ({ text: `answer to ${said}` }));
  await talk.ask('warm');
  const added: number[] = [];
  const roundTrips: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    roundTrips.push(await timeOf(() => talk.api.session({ params: { id: talk.id } })));
    let runId: string | null = null;
    added.push(await timeOf(async () => ({ runId } = await sayAndSee(talk, `round ${round}`))));
    await talk.end(runId);
  }
  expect(middleOf(added)).toBeLessThan(Math.max(promisedMs, promisedRoundTrips * middleOf(roundTrips)));
});

const timeOf = async (act: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
};

const middleOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Resolves when its first word is there. */
const sayAndSee = async (talk: Talk, text: string): Promise<{ runId: string | null }> => {
  const said = talk.say(text);
  while (!talk.hasText(`answer to ${text}`)) await new Promise((resolve) => setTimeout(resolve, 1));
  return said;
};
