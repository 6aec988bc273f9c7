/** The policy of this machine: its own file, the hub's overlay, the guard that asks them and the sandbox that enforces them (N12, T27). */
import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import { NavisError } from '@navisai/protocol';
import type { Ceiling, ExplainRequest, MachinePolicy, PolicyDecision } from '@navisai/protocol';
import {
  confinementOf,
  decide,
  directoriesOf,
  isRestricting,
  momentOf,
  normalPath,
  parseAllowedCommands,
} from '@navisai/policy';
import type { PolicyLayer, PolicyRules, Principal } from '@navisai/policy';
import { createGuard, overlaySource } from '../guard.ts';
import type { Guard, Program } from '../guard.types.ts';
import { runDirectoryFor } from '../host/run-directory.ts';
import type { MachineOptions } from '../machine-options.types.ts';
import { findBubblewrap } from '../sandbox/bubblewrap.ts';
import type { Bubblewrap } from '../sandbox/bubblewrap.ts';
import { withRealPaths, writableOf } from '../sandbox/links.ts';
import { sandboxed } from '../sandbox/sandbox.ts';
import { everythingOf, machinePlaces, systemPlaces } from '../sandbox/system-mounts.ts';
import { createOverlayFile } from './overlay-file.ts';
import { createPolicyFile } from './policy-file.ts';

export interface MachinePolicyPart {
  guard: Guard;
  /** Rejects when the file is wrong, or when it restricts and nothing here can enforce that: then nothing may start. */
  start(): Promise<void>;
  describe(): Promise<MachinePolicy>;
  setOverlay(overlay: Ceiling | null): Promise<void>;
  explain(request: ExplainRequest & Principal): PolicyDecision;
}

const trialDeadlineMs = 10_000;
const run = promisify(execFile);

export interface MachinePolicyRequest {
  options: MachineOptions;
  /** The folder of commands for open shells; made on first use. */
  scriptFolder(): Promise<string>;
  now?: () => Date;
}

export const createMachinePolicy = ({
  options,
  scriptFolder,
  now = () => new Date(),
}: MachinePolicyRequest): MachinePolicyPart => {
  const { stateDirectory, runtimeDirectory, home, ceilingFile, allowedCommands } = options;
  const file = createPolicyFile(ceilingFile);
  const overlays = createOverlayFile(stateDirectory);
  const allowed = parseAllowedCommands(allowedCommands);
  const hiddenPaths = [
    ...new Set([stateDirectory, runDirectoryFor(stateDirectory, runtimeDirectory), ...(options.hiddenPaths ?? [])]),
    ...(ceilingFile === undefined ? [] : [ceilingFile]),
  ].map((path) => normalPath(path, home));
  let overlay: Ceiling | null = null;
  let found: Promise<Bubblewrap> | undefined;

  const isRestricted = (): boolean => isRestricting(file.read()) || isRestricting(overlay);
  const resolved = () => {
    const ceiling = file.read();
    const everything = everythingOf(home);
    const writable = writableOf((ceiling === null ? null : directoriesOf(ceiling, home)) ?? everything);
    const withLinks = (layer: Ceiling | null): Ceiling | null => layer && withRealPaths(layer, { home, writable });
    return { ceiling: withLinks(ceiling), overlay: withLinks(overlay), everything, writable };
  };
  const rules = (): PolicyRules => {
    const { ceiling, overlay: narrowed } = resolved();
    const layers = [
      ...(ceiling === null ? [] : [{ ceiling, source: ceilingFile ?? '' }]),
      ...(narrowed === null ? [] : [{ ceiling: narrowed, source: overlaySource }]),
    ] satisfies PolicyLayer[];
    const hidden = [...hiddenPaths, ...hiddenPaths.map(realPathOf), ...machinePlaces];
    const protectedPaths = isRestricted() ? { hidden, readOnly: systemPlaces } : undefined;
    return { allowedCommands: allowed, layers, home, ...(protectedPaths === undefined ? {} : { protectedPaths }) };
  };
  const bubblewrap = (): Promise<Bubblewrap> => {
    found ??= findBubblewrap().then((answer) => {
      if ('path' in answer) return answer;
      found = undefined;
      throw new NavisError('SANDBOX_UNAVAILABLE', unenforceable(ceilingFile, answer.reason));
    });
    return found;
  };
  const confine = async (program: Program): Promise<Program> => {
    if (!isRestricted()) return program;
    const [tool, folder] = await Promise.all([bubblewrap(), scriptFolder()]);
    const { writable, ...layers } = resolved();
    const confinement = confinementOf({ ...layers, home });
    return sandboxed({ bubblewrap: tool, confinement, writable, home, hiddenPaths, scriptFolder: folder, program });
  };

  /** The sandbox as commands will get it, once, so that what is wrong is told before anything depends on it. */
  const tryOut = async (): Promise<void> => {
    if (!isRestricted()) return;
    for (const path of hiddenPaths.slice(0, 2)) mkdirSync(path, { recursive: true, mode: 0o700 });
    const trial = { file: '/bin/sh', args: ['-c', ':'], workingDirectory: '/', environment: { PATH: '/usr/bin:/bin' } };
    const { file: program, args, environment } = await confine(trial);
    await run(program, args, { cwd: '/', env: environment, timeout: trialDeadlineMs }).catch((error: unknown) => {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
      throw new NavisError('SANDBOX_UNAVAILABLE', unenforceable(ceilingFile, said));
    });
  };

  return {
    guard: createGuard({ isRestricted, rules, confine, now }),
    async start() {
      overlay = overlays.load();
      await tryOut();
    },
    async describe() {
      const sandbox = await findBubblewrap().then((answer) => ('path' in answer ? 'bubblewrap' : 'none'));
      const ceiling = file.read();
      return { ceiling, ceilingFile: ceilingFile ?? '', overlay, allowedCommands: allowedCommands ?? null, sandbox };
    },
    async setOverlay(next) {
      const before = overlay;
      overlay = next;
      try {
        await tryOut();
        overlays.save(next);
      } catch (error) {
        overlay = before;
        throw error;
      }
    },
    explain({ tool = 'terminal', action, command, workingDirectory, userId, origin }) {
      const place = command === undefined ? workingDirectory : realPathOf(normalPath(workingDirectory ?? home, home));
      const isStart = tool === 'terminal' && command !== undefined;
      const call = { tool, action: action ?? (isStart ? 'run' : undefined), command, workingDirectory: place };
      return decide(rules(), { ...call, at: momentOf(now()) }, { userId, origin });
    },
  };
};

const unenforceable = (ceilingFile: string | undefined, reason: string): string =>
  `${ceilingFile ?? 'The overlay of the hub'} sets limits that nothing here can enforce: ${reason} This machine starts nothing with it.`;

const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
