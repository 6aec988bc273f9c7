/** The terminal suite's target on a machine with a ceiling: everything runs inside of a sandbox. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Ceiling } from '@navisai/protocol';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';
import type { MakeTarget, TerminalTarget } from '../tools/terminal-target.fixture.ts';
import { sandboxKind } from './bubblewrap.ts';

/** Tests that need it are skipped, visibly, where it does not work. */
export const hasSandbox = (await sandboxKind()) === 'bubblewrap';

export interface ConfinedTarget extends TerminalTarget {
  ceilingFile: string;
}

/** The ceiling lies outside of the home directory, as on a machine that is run by another user. */
export const makeConfined = async (
  ceiling: Omit<Ceiling, 'version'>,
  options: Parameters<MakeTarget>[0] = {},
): Promise<ConfinedTarget> => {
  const ceilingFile = join(realpathSync(mkdtempSync(join(tmpdir(), 'navis-ceiling-'))), 'policy.json');
  writeFileSync(ceilingFile, JSON.stringify({ version: 1, ...ceiling }));
  const target = await makeLocalTarget({ ceilingFile, ...options });
  const dispose = target[Symbol.asyncDispose].bind(target);
  return Object.assign(target, {
    ceilingFile,
    [Symbol.asyncDispose]: async () => {
      await dispose();
      rmSync(dirname(ceilingFile), { recursive: true, force: true });
    },
  });
};

export const makeSandboxedTarget: MakeTarget = (options = {}) =>
  makeConfined({ directories: [{ path: '~', access: 'write' }] }, options);
