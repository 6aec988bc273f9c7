/** Recalls of a real hub whose clock is set forward and back under it: what was due runs once, whatever the clock says next (A5, N11). */
import { createSteppedClock } from '../chaos/clock.ts';
import type { Recall } from '@navisai/protocol';
import { startHub, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { cli, cliJson } from './cli-process.fixture.ts';

const minuteMs = 60_000;
/** The hub compares its clocks every 30 seconds. */
const noticedMs = 75_000;

const clock = await createSteppedClock();
const title =
  'A5, N11: cron, interval and once run once each, over a clock that is set forward, back and forward again';

test.skipIf(clock === undefined)(
  clock === undefined ? `${title} (NOT TESTED: install libfaketime)` : title,
  { timeout: 300_000 },
  async () => {
    if (clock === undefined) return;
    await using stepped = clock;
    await using server = await startModelServer(() => ({ text: 'done' }));
    server.models = [{ id: 'scripted', contextTokens: 32_000 }];
    await using hub = await startHub({ environment: stepped.environment });
    const url = server.baseUrl('openai-compatible');
    await cli(hub, ['models', 'add', 'lab', '--url', url, '--model', 'scripted', '--context', '32000', '--default']);
    const add = async (name: string, ...when: string[]): Promise<string> =>
      (await cliJson<Recall>(hub, ['recalls', 'add', ...when, '--title', name, '--approvals', 'never', '--', name])).id;
    const due = new Date(Date.now() + 90 * minuteMs);
    const fields = `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
    const ids = {
      cron: await add('cron', '--cron', fields, '--timezone', 'UTC'),
      interval: await add('interval', '--every', '100m'),
      once: await add('once', '--in', '60m'),
    };
    const runsOf = async (id: string): Promise<string[]> =>
      (await hub.host.api.recallRuns({ params: { id }, query: {} })).runs.map(({ state }) => state);
    const counts = async (): Promise<Record<keyof typeof ids, string[]>> => ({
      cron: await runsOf(ids.cron),
      interval: await runsOf(ids.interval),
      once: await runsOf(ids.once),
    });
    const nextOf = async (id: string): Promise<number> =>
      Date.parse((await hub.host.api.recalls()).recalls.find((one) => one.id === id)?.nextAt ?? '');
    const each = { cron: ['completed'], interval: ['completed'], once: ['completed'] };
    expect(await counts()).toEqual({ cron: [], interval: [], once: [] });

    await stepped.set(120 * 60);
    await until('forward: each of them ran', async () => Object.values(await counts()).flat().length === 3, noticedMs);
    await until(
      'each of them ended',
      async () =>
        !Object.values(await counts())
          .flat()
          .includes('running'),
    );
    expect(await counts()).toEqual(each);

    await stepped.set(0);
    const inTime = async () => (await nextOf(ids.interval)) <= Date.now() + 101 * minuteMs;
    await until('back: the interval waits no longer than it is', inTime, noticedMs);
    expect(await nextOf(ids.cron)).toBeGreaterThan(due.getTime() + 60 * minuteMs);
    expect(await counts()).toEqual(each);

    const probe = await add('probe', '--in', '80m');
    await stepped.set(95 * 60);
    const probed = async () => (await runsOf(probe)).includes('completed');
    await until('forward again: what is new runs', probed, noticedMs);
    expect(await counts()).toEqual(each);

    await hub.kill();
    await hub.start();
    await stepped.set(210 * 60);
    await until('the next time of the interval comes', async () => (await counts()).interval.length === 2, noticedMs);
    expect(await counts()).toMatchObject({ cron: each.cron, once: each.once });
  },
);
