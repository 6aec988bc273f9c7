/** Many runs at once, and what is seen of one while its model speaks (A3). */
import { expect, test } from 'vitest';
import { startAgentBench } from './conversation.fixture.ts';

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

test('A3: what the model said is seen while it still speaks', async () => {
  await using bench = await startAgentBench();
  using talk = await bench.talk();
  bench.model.script([{ text: ['first ', 'never'], hang: 1 }]);
  const { runId } = await talk.say('Go.');
  await talk.sees('the first word', () => talk.hasText('first'));
  expect(talk.of('stream_end')).toEqual([]);
  await talk.stop();
  expect(await talk.end(runId)).toMatchObject({ reason: 'stopped' });
  expect(talk.text(runId ?? '')).toBe('first ');
});
