/** The mask holds for a user that is not 0 as well (A7). */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolResult } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { hasSandbox } from '../sandbox/sandbox-target.fixture.ts';
import { hasProgram } from '../tools/terminal-target.fixture.ts';

/** Nobody's here. */
const userId = 43_210;
const fixture = join(import.meta.dirname, 'other-user.fixture.ts');
const node = realpathSync(process.execPath);
const asOther = ['--reuid', String(userId), '--regid', String(userId), '--clear-groups'];

/** Only user 0 can become another, and only where that other may read this code. */
const canChange =
  process.getuid?.() === 0 &&
  hasProgram('setpriv') &&
  spawnSync('setpriv', [...asOther, node, '-e', `require('fs').readFileSync(${JSON.stringify(fixture)})`]).status === 0;

test.skipIf(!hasSandbox || !canChange)(
  'A7: an agent of another user than 0 reaches nothing of Navis either',
  () => {
    // Not where TMPDIR says: that may be a folder which only its owner enters.
    const home = mkdtempSync('/tmp/navis-other-');
    chownSync(home, userId, userId);
    try {
      const env = { HOME: home, TMPDIR: home, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
      const said = execFileSync('setpriv', [...asOther, node, fixture], { cwd: home, env, encoding: 'utf8' });
      const { attacked, worked, person } = JSON.parse(said) as Record<'attacked' | 'worked', ToolResult> & {
        person: string;
      };
      expect(attacked.output).not.toContain('a secret of Navis');
      expect(attacked.output).not.toMatch(/[0-9a-f]{64}/);
      expect(worked.output).toMatch(new RegExp(`^${userId}\nx\n\\d{1,2}\n`));
      expect(person).toBe('a secret of Navis');
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
  60_000,
);
