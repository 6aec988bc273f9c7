/** W1: a conversation of 5,000 events in a real browser: until it is there, and the frames while it is scrolled through. */
import { startHub } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import type { Page } from 'playwright-core';
import { EventWriter } from '../../tests/browser/event-writer.fixture.ts';
import { launchTrustedBrowser } from '../../tests/browser/trusted-browser.fixture.ts';
import { desktop, pairWebDevice } from '../../tests/browser/web-device.fixture.ts';
import { median, percentile } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const eventCount = 5000;
const scrolledFrames = 240;
const maxFrameMs = 50;

export const w1Conversation: BenchRow = {
  id: 'W1-CONVERSATION',
  what: `PWA: a conversation of ${eventCount} events: load, and frames while scrolling`,
  async run({ rounds }): Promise<Figure[]> {
    await using hub = await startHub();
    const id = await fill(hub);
    const browser = await launchTrustedBrowser(hub);
    try {
      await using device = await pairWebDevice(browser, hub, desktop);
      const [loads, idle, scrolling]: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        await device.goTo('/settings');
        await device.page.getByRole('heading', { name: 'Settings' }).waitFor();
        const start = performance.now();
        await device.goTo(`/c/${id}`);
        await device.page.getByText('the last answer').waitFor();
        loads.push(performance.now() - start);
        idle.push(...(await frames(device.page, 0)));
        scrolling.push(...(await frames(device.page, -300)));
      }
      return figures({ loads, idle, scrolling });
    } finally {
      await browser.close();
    }
  },
};

interface Measured {
  loads: readonly number[];
  /** Frames of a page that nobody touches: what this machine's browser can do at all. */
  idle: readonly number[];
  scrolling: readonly number[];
}

const figures = ({ loads, idle, scrolling }: Measured): Figure[] => {
  const longest = Math.max(...scrolling);
  const late = (scrolling.filter((ms) => ms > maxFrameMs).length / scrolling.length) * 100;
  const goal = `no frame above ${maxFrameMs} ms (stretch 16)`;
  return [
    { what: 'until its end is shown, p50', unit: 'ms', ours: median(loads), peers: {}, goal: 'none', met: null },
    {
      what: 'frame while scrolling, p99',
      unit: 'ms',
      ours: percentile(scrolling, 0.99),
      peers: { 'the page at rest': percentile(idle, 0.99) },
      goal,
      met: percentile(scrolling, 0.99) <= maxFrameMs,
    },
    {
      what: 'longest frame while scrolling',
      unit: 'ms',
      ours: longest,
      peers: { 'the page at rest': Math.max(...idle) },
      goal,
      met: longest <= maxFrameMs,
    },
    { what: 'frames above 50 ms', unit: '%', ours: late, peers: {}, goal: 'none', met: late === 0 },
  ];
};

const fill = async (hub: TestHub): Promise<string> => {
  const { id } = await hub.host.api.createSession({ body: { kind: 'agent', title: 'Long' } });
  const log = new EventWriter(id);
  for (let round = 0; log.count < eventCount; round += 1) {
    log.say(`question ${round}`);
    const run = log.start();
    for (let step = 0; step < 12; step += 2)
      log.call(run, step, {
        tool: 'terminal',
        arguments: { action: 'run', command: `make step-${round}-${step}` },
        answer: 'It went well.\n'.repeat(10),
      });
    const code = '```ts\nexport const answer = 42;\n```\n';
    log.part(run, 12, { kind: 'text', text: `Answer **${round}**.\n\n- one\n- two\n\n${code}`.repeat(2) });
    log.end(run);
  }
  const last = log.start();
  log.part(last, 0, { kind: 'text', text: 'This is the last answer.' }).end(last);
  await log.write(hub.home);
  return id;
};

/** How long each frame took, while the list moves by so much in each of them. */
const frames = (page: Page, pixelsPerFrame: number): Promise<number[]> =>
  page.getByRole('log').evaluate(
    (box, { count, step }) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        let before = performance.now();
        const onFrame = (): void => {
          const now = performance.now();
          times.push(now - before);
          before = now;
          box.scrollTop += step;
          if (times.length < count) requestAnimationFrame(onFrame);
          else resolve(times.slice(1));
        };
        requestAnimationFrame(onFrame);
      }),
    { count: scrolledFrames, step: pixelsPerFrame },
  );
