/**
 * Turns a program into the sandbox that holds it: bubblewrap with only what the ceiling allows (N12). Nothing here judges
 * a command: whatever is typed, written or started inside finds only what was mounted.
 */
import { basename } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { contains } from '@navisai/policy';
import type { Confinement } from '@navisai/policy';
import type { Program } from '../guard.types.ts';
import { isolation } from './bubblewrap.ts';
import type { Bubblewrap } from './bubblewrap.ts';
import { directoryMounts } from './directory-mounts.ts';
import { hiddenMounts, startUpMounts } from './hidden-mounts.ts';
import { byDepth, closingArguments, kernelArguments, mountArguments, tryReadOnly } from './mount-arguments.ts';
import type { Mount } from './mounts.types.ts';
import { isShell, programArguments } from './program-mounts.ts';
import { systemArguments, systemPlaces } from './system-mounts.ts';
import { carriedEnvironment, factsOf, innerShell, maskFacts, outerShell } from './wrapper-scripts.ts';

export interface SandboxRequest {
  bubblewrap: Bubblewrap;
  confinement: Confinement;
  /** Where any command may have left a link (`writableOf`). */
  writable: readonly string[];
  home: string;
  hiddenPaths: readonly string[];
  /** Commands for open shells are handed over here; it exists and lies inside of something hidden, or in /tmp. */
  scriptFolder: string;
  program: Program;
}

/** Throws POLICY_DENIED and SANDBOX_UNAVAILABLE. */
export const sandboxed = (request: SandboxRequest): Program => {
  const { bubblewrap, confinement, writable, home, hiddenPaths, scriptFolder, program } = request;
  refuseUnlisted(confinement, program);
  const named = directoryMounts(confinement.directories, writable);
  const isWhole = confinement.programs === null && confinement.directories.some(({ path }) => path === '/');
  const bases: Mount[] = isWhole ? [root] : systemPlaces.map((path) => ({ kind: 'read', source: path, target: path }));
  const shown = [...bases, ...named];
  const inner = byDepth([...named, ...startUpMounts(home, named), ...hiddenMounts(hiddenPaths, shown)]);
  const args = [
    isolation,
    bubblewrap.namespaceOptions,
    confinement.network ? [] : ['--unshare-net'],
    baseArguments({ isWhole, confinement, program }),
    kernelArguments(),
    ['--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/run'],
    isWhole ? wholeRunArguments : [],
    shown.some(({ target }) => contains(target, home)) ? [] : ['--tmpfs', home],
    inner.flatMap(mountArguments),
    ['--ro-bind', scriptFolder, scriptFolder],
    closingArguments(inner),
    isWhole ? [] : ['--remount-ro', '/'],
    ['--chdir', program.workingDirectory, '--'],
  ].flat();
  const mounted = named.filter((mount) => inner.includes(mount));
  const checks = mounted.flatMap(({ target, identity }) => (identity === undefined ? [] : [{ target, identity }]));
  const words = [...bubblewrap.resetSignals, ...innerShell(checks, program.environment), program.file, ...program.args];
  const outer = outerShell(bubblewrap.resetSignals.length > 0, JSON.stringify(confinement));
  const environment = carriedEnvironment(program.environment);
  return { ...program, environment, file: '/bin/sh', args: [...outer, bubblewrap.path, ...args, ...words] };
};

/** What the sandbox of a recorded program holds; `null` when it was started without one. */
export const sandboxOf = (program: Pick<Program, 'file' | 'args'>): Confinement | null => {
  const facts = factsOf(program);
  // Written by this program, as all of the record.
  return facts === undefined || facts === maskFacts ? null : (JSON.parse(facts) as Confinement);
};

const root: Mount = { kind: 'read', source: '/', target: '/' };
/** Where names of hosts are looked up may lie in /run. */
const wholeRunArguments = tryReadOnly('/run/systemd/resolve/stub-resolv.conf');

const baseArguments = ({
  isWhole,
  confinement,
  program,
}: {
  isWhole: boolean;
  confinement: Confinement;
  program: Program;
}): string[] => {
  if (isWhole) return ['--ro-bind', '/', '/'];
  const { programs } = confinement;
  const searchPath = program.environment['PATH'] ?? '/usr/bin:/bin';
  const limited = programs === null ? [] : programArguments({ programs: [program.file, ...programs], searchPath });
  return [...systemArguments({ isLimitedToPrograms: programs !== null }), ...limited];
};

const refuseUnlisted = ({ programs }: Confinement, { file }: Program): void => {
  if (programs === null || isShell(file) || programs.includes(file) || programs.includes(basename(file))) return;
  throw new NavisError(
    'POLICY_DENIED',
    `${file} is not among the programs that the ceiling allows. Nothing was started.`,
  );
};
