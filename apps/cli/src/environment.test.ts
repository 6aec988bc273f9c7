/** What the CLI takes from its environment, and what it hands on. */
import { expect, test } from 'vitest';
import { hubEnvironment } from './environment.ts';

test('T19, I12: a hub started from inside a terminal or a run does not carry their markers, so it is not ended with them', () => {
  const inside = {
    PATH: '/bin',
    NAVIS_TERMINAL_ID: 't_1',
    NAVIS_CALL_ID: 'c_1',
    NAVIS_MACHINE: 'm',
    NAVIS_MODEL_KEY: 'k',
  };
  expect(hubEnvironment('/home/x', inside)).toEqual({ PATH: '/bin', NAVIS_HOME: '/home/x' });
});
