/** One subscription of the hub, whatever is said to it and how often. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExitState } from '../../pty-hosts.types.ts';
import { HostError } from '../host-error.ts';
import { segmentPath } from '../log-segments.ts';
import type { HostLink } from './host-link.ts';
import { OutputFlow } from './output-flow.ts';

const exit: ExitState = { exitCode: 0, signal: null, at: new Date(0).toISOString(), kind: 'exited' };
const text = 'what the program wrote';
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-flow-'));
  writeFileSync(segmentPath(directory, 0), text);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const follow = () => {
  const seen: { output: string; exits: number } = { output: '', exits: 0 };
  const flow = new OutputFlow({
    terminalId: 't_0000',
    from: 0,
    windowBytes: 64 * 1024,
    paces: false,
    channel: 1,
    directory,
    onClosed: () => undefined,
    onProblem: (message) => {
      throw new Error(message);
    },
    sink: {
      onOutput: ({ bytes }) => (seen.output += Buffer.from(bytes).toString('utf8')),
      onSkipped: () => undefined,
      onExit: () => (seen.exits += 1),
    },
  });
  return { flow, seen };
};

test('T17: told twice that the host is gone, a reader gets what is on disk once', async () => {
  const { flow, seen } = follow();
  flow.serveFromDisk(exit);
  flow.serveFromDisk(exit);
  await expect.poll(() => seen.exits).toBe(1);
  expect(seen).toEqual({ output: text, exits: 1 });
});

test('T17: a reader that left is told nothing more', async () => {
  const { flow, seen } = follow();
  flow.close();
  flow.serveFromDisk(exit);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual({ output: '', exits: 0 });
});

test('T18: a host that dies before it answers a subscription is no problem of its own, and what is on disk follows', async () => {
  const { flow, seen } = follow();
  const lost: Partial<HostLink> = {
    isConnected: false,
    request: () => Promise.reject(new HostError('HOST_UNAVAILABLE', 'killed')),
    tell: () => undefined,
  };
  await flow.serveFrom(lost as HostLink);
  flow.serveFromDisk(exit);
  await expect.poll(() => seen).toEqual({ output: text, exits: 1 });
});
