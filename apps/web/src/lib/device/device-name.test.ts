/** Behaviour of the proposed device name. */
import { expect, test } from 'vitest';
import { proposeDeviceName } from './device-name.ts';

const facts = { touchPoints: 0, isInstalled: false };

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36',
    'Chrome on Linux',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1',
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Mac'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0', 'Edge on Windows'],
  ['something else', 'Browser'],
])('I14: a browser proposes a name that a person recognises (%#)', (userAgent, name) => {
  expect(proposeDeviceName({ ...facts, userAgent })).toBe(name);
});

test('I14: an iPad that says it is a Mac is called iPad, an installed app Navis', () => {
  const userAgent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 Version/19.0 Safari/605.1';
  expect(proposeDeviceName({ userAgent, touchPoints: 5, isInstalled: false })).toBe('Safari on iPad');
  expect(proposeDeviceName({ userAgent, touchPoints: 5, isInstalled: true })).toBe('Navis on iPad');
});
