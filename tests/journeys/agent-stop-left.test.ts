/** Stop holds at any moment, also when the hub left the run and nobody goes on with it yet (A3, N5, N7). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { isRunning, startAgentBench } from './conversation.fixture.ts';

const places = ['here', 'there', 'below'] as const;

for (const how of ['killed', 'restarted'] as const)
  test(`A3: the hub was ${how} while commands ran here, on a node and for a sub-agent: Stop ends them all`, async () => {
    await using bench = await startAgentBench();
    await using node = await startNode(bench.hub, { name: 'nas' });
    using talk = await bench.talk();
    const count = (place: string) => join(place === 'there' ? node.userHome : bench.hub.userHome, `count-${place}`);
    const marks = Object.fromEntries(places.map((place, at) => [place, `${1000 + at}.${process.pid}`]));
    const call = (place: (typeof places)[number], more: object = {}) => ({
      tool: 'terminal',
      arguments: {
        action: 'run',
        command: `echo once >> ${count(place)}; sleep ${marks[place]}`,
        timeout: 60,
        ...more,
      },
    });
    const below = { tool: 'spawn_agent', arguments: { task: 'TASK-BELOW' } };
    bench.model.script([{ calls: [call('here'), call('there', { node_id: 'nas' }), below] }]);
    bench.model.script([{ calls: [call('below')] }], 'TASK-BELOW');
    const { runId } = await talk.say('Go.');
    for (const place of places)
      await until(
        () => `nothing runs ${place}`,
        async () => ((await isRunning(`sleep ${marks[place]}`)) ? true : undefined),
      );
    await (how === 'killed' ? bench.hub.kill() : bench.hub.stopKeeping());
    await bench.hub.start();
    expect(await talk.end(runId)).toMatchObject({ reason: 'interrupted' });
    expect(await talk.stop()).toMatchObject({ stopped: true });
    for (const place of places)
      await expect.poll(() => isRunning(`sleep ${marks[place]}`), { message: place }).toBe(false);
    bench.model.script([{ text: 'They were stopped.' }]);
    bench.model.script([{ text: 'Mine was stopped.' }], 'TASK-BELOW');
    const again = await talk.goOn();
    expect(await talk.end(again.runId)).toMatchObject({ reason: 'completed' });
    const results = talk.parts(again.runId).filter(({ kind }) => kind === 'tool_result');
    expect(results.map(({ tool, success }) => [tool, success])).toEqual([
      ['terminal', false],
      ['terminal', false],
      ['spawn_agent', true],
    ]);
    for (const { text } of results.slice(0, 2)) expect(text).toContain('CANCELLED');
    for (const place of places) expect(await readFile(count(place), 'utf8')).toBe('once\n');
    expect(await talk.stop()).toMatchObject({ stopped: false });
  });
