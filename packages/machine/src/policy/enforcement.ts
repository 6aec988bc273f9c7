/** Puts programs into the sandbox that the effective policy asks for, and finds out early whether that works here (N12). */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { NavisError } from '@navisai/protocol';
import { confinementOf, isWithin } from '@navisai/policy';
import type { Program } from '../guard.types.ts';
import type { Bubblewrap, findBubblewrap } from '../sandbox/bubblewrap.ts';
import { sandboxed, sandboxOf } from '../sandbox/sandbox.ts';
import type { EffectivePolicy } from './effective-policy.ts';

export interface EnforcementParts {
  policy: EffectivePolicy;
  /** The folder of commands for open shells; made on first use. */
  scriptFolder(): Promise<string>;
  findSandbox: typeof findBubblewrap;
}

const trialDeadlineMs = 10_000;
const run = promisify(execFile);

export class Enforcement {
  readonly #parts: EnforcementParts;
  #found: Promise<Bubblewrap> | undefined;

  constructor(parts: EnforcementParts) {
    this.#parts = parts;
  }

  /** The program itself where nothing is limited. Rejects POLICY_DENIED and SANDBOX_UNAVAILABLE. */
  async confine(program: Program): Promise<Program> {
    const { policy, scriptFolder: folderOf } = this.#parts;
    const { home, hiddenPaths } = policy;
    if (!policy.isRestricted) return program;
    const [bubblewrap, scriptFolder] = await Promise.all([this.#bubblewrap(), folderOf()]);
    const { confinement, writable } = this.#confinement();
    return sandboxed({ bubblewrap, confinement, writable, home, hiddenPaths, scriptFolder, program });
  }

  /** The sandbox as commands will get it, once, so that what is wrong is told before anything depends on it. */
  async tryOut(): Promise<void> {
    const { policy } = this.#parts;
    if (!policy.isRestricted) return;
    for (const path of policy.hiddenPaths.slice(0, 2)) mkdirSync(path, { recursive: true, mode: 0o700 });
    const environment = { PATH: '/usr/bin:/bin' };
    const trial = await this.confine({ file: '/bin/sh', args: ['-c', ':'], workingDirectory: '/', environment });
    await run(trial.file, trial.args, { cwd: '/', env: environment, timeout: trialDeadlineMs }).catch(
      (error: unknown) => {
        const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
        throw this.#unavailable(said);
      },
    );
  }

  /** Throws POLICY_DENIED when what runs in a terminal could reach more than may be reached by now. */
  allowInput(program: Pick<Program, 'file' | 'args'>): void {
    if (!this.#parts.policy.isRestricted) return;
    const held = sandboxOf(program);
    if (held !== null && isWithin(held, this.#confinement().confinement)) return;
    throw new NavisError(
      'POLICY_DENIED',
      'This terminal was opened with wider rights than the policy of this machine allows by now. Close it and open another. Nothing was typed.',
    );
  }

  #confinement() {
    const { writable, ...layers } = this.#parts.policy.resolved();
    return { writable, confinement: confinementOf({ ...layers, home: this.#parts.policy.home }) };
  }

  #bubblewrap(): Promise<Bubblewrap> {
    this.#found ??= this.#parts.findSandbox().then((answer) => {
      if ('path' in answer) return answer;
      // Somebody may install it meanwhile.
      this.#found = undefined;
      throw this.#unavailable(answer.reason);
    });
    return this.#found;
  }

  #unavailable(reason: string): NavisError {
    const { ceilingFile, ceiling } = this.#parts.policy;
    const what = ceiling === null ? "The hub's overlay" : (ceilingFile ?? '');
    return new NavisError(
      'SANDBOX_UNAVAILABLE',
      `${what} sets limits that nothing here can enforce: ${reason} Nothing is started with it.`,
    );
  }
}
