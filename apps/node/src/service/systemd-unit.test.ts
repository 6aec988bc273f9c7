/** Units and property lists hold any path without meaning something else by it (N13). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { launchdPlist } from './launchd-plist.ts';
import { lastingExitCodes, systemdUnit } from './systemd-unit.ts';

const run = { isSystem: false, user: undefined, home: '/home/me' };

test('N3: what a restart cannot help is not restarted', () => {
  expect(lastingExitCodes).toEqual([2, 4, 6, 7]);
  expect(systemdUnit({ ...run, command: ['/n'] })).toContain('RestartPreventExitStatus=2 4 6 7\n');
});

test('N13: odd characters in a path stay part of it', () => {
  const unit = systemdUnit({ ...run, command: ['/opt/my node/bin', '/a"b\\c', '/50%/$HOME'] });
  expect(unit).toContain('ExecStart="/opt/my node/bin" "/a\\"b\\\\c" "/50%%/$$HOME"\n');
});

test('N13: no path adds a line to the unit or an element to the list', () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !/[\n\r\0]/.test(text));
  const lines = systemdUnit({ ...run, command: ['/n'] }).split('\n').length;
  fc.assert(
    fc.property(word, (text) => {
      expect(systemdUnit({ ...run, command: [text] }).split('\n')).toHaveLength(lines);
      const plist = launchdPlist({ ...run, command: [text], label: 'x', logs: '/l' });
      expect(plist.match(/<string>/g)).toHaveLength(8);
    }),
  );
});
