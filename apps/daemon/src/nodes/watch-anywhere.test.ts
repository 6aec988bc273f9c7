/** A call is watched before anybody knows on which node it will run (N5). */
import type { CallOutputSink } from '@navisai/machine';
import { expect, test } from 'vitest';
import { CallPlaces } from './call-places.ts';
import { watchAnywhere } from './watch-anywhere.ts';

const call = { sessionId: 's_aaaa', callId: 'call-00000001' };

/** Machines that say what a test says. */
const newWatch = () => {
  const calls = new CallPlaces();
  const sinks = new Map<string, CallOutputSink>();
  const told: string[] = [];
  const watch = (nodeId: string, sink: CallOutputSink) => {
    sinks.set(nodeId, sink);
    return { close: () => sinks.delete(nodeId) };
  };
  const sink: CallOutputSink = {
    onOutput: ({ bytes }) => void told.push(Buffer.from(bytes).toString()),
    onEnd: ({ exitCode }) => void told.push(`end ${exitCode}`),
  };
  const say = (nodeId: string, text: string): void =>
    void sinks.get(nodeId)?.onOutput({ stream: 'stdout', offset: 0, bytes: Buffer.from(text) });
  return { calls, sinks, told, say, watching: watchAnywhere({ call, calls, watch }, sink) };
};

test('what runs on main is heard from main, and its end is the end', () => {
  const { calls, sinks, told, say } = newWatch();
  calls.begin(call, 'main');
  say('main', 'one');
  sinks.get('main')?.onEnd({ exitCode: 0, signal: null });
  calls.begin(call, 'n_late');
  expect(told).toEqual(['one', 'end 0']);
  expect([...sinks.keys()]).toEqual(['main']);
});

test('what begins elsewhere is heard from there only', () => {
  const { calls, sinks, told, say } = newWatch();
  const main = sinks.get('main');
  calls.begin({ ...call, sessionId: 's_other' }, 'n_foreign');
  calls.begin(call, 'n_nas');
  expect([...sinks.keys()]).toEqual(['n_nas']);
  main?.onEnd({ exitCode: null, signal: null });
  say('n_nas', 'two');
  sinks.get('n_nas')?.onEnd({ exitCode: 3, signal: null });
  expect(told).toEqual(['two', 'end 3']);
});

test('whoever stops watching hears nothing more, wherever it begins', () => {
  const { calls, sinks, told, watching } = newWatch();
  watching.close();
  calls.begin(call, 'n_nas');
  expect([...sinks.keys()]).toEqual([]);
  expect(told).toEqual([]);
});

test('places are remembered up to a bound, the newest longest', () => {
  const calls = new CallPlaces();
  for (let index = 0; index < 6000; index += 1) calls.begin({ ...call, callId: `call-${index}` }, `n_${index}`);
  expect(calls.nodeOf({ ...call, callId: 'call-0' })).toBeUndefined();
  expect(calls.nodeOf({ ...call, callId: 'call-5999' })).toBe('n_5999');
});
