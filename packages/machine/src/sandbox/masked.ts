/**
 * Turns a program into the sandbox that hides Navis's own state from it and limits nothing else (A7): the file system as
 * its user sees it, the network, but processes of its own, an empty `/run`, and nothing where something hidden lies.
 */
import { contains } from '@navisai/policy';
import type { Program } from '../guard.types.ts';
import type { MaskPlaces } from '../mask/mask-places.ts';
import type { Bubblewrap } from './bubblewrap.ts';
import { coveringMounts, pinsBetween } from './hidden-mounts.ts';
import { byDepth, kernelArguments, mountArguments } from './mount-arguments.ts';
import type { Mount } from './mounts.types.ts';
import { carriedEnvironment, factsOf, innerShell, maskFacts, outerShell } from './wrapper-scripts.ts';

export interface MaskedRequest {
  bubblewrap: Bubblewrap;
  /** What `maskArguments` made of the places. */
  mounts: readonly string[];
  /** Commands for open shells are handed over here. */
  scriptFolder: string;
  program: Program;
}

export const masked = ({ bubblewrap, mounts, scriptFolder, program }: MaskedRequest): Program => {
  const args = [
    isolation,
    bubblewrap.namespaceOptions,
    mounts,
    ['--ro-bind', scriptFolder, scriptFolder, '--chdir', program.workingDirectory, '--'],
  ].flat();
  // Where nothing in the environment could change the programs around the mask, one shell less is started.
  const isPlain = Object.keys(program.environment).every((name) => !isFelt.test(name));
  const inner = isPlain ? [] : innerShell([], program.environment);
  const words = [...bubblewrap.resetSignals, ...inner, program.file, ...program.args];
  const outer = outerShell(bubblewrap.resetSignals.length > 0, maskFacts);
  const environment = isPlain ? program.environment : carriedEnvironment(program.environment);
  return { ...program, environment, file: '/bin/sh', args: [...outer, bubblewrap.path, ...args, ...words] };
};

/** The same for a child that ends with its parent, which speaks to it through its standard streams. */
export const maskedChild = ({ bubblewrap, mounts, program }: Omit<MaskedRequest, 'scriptFolder'>): Program => {
  const { file, args, workingDirectory } = program;
  const own = [...isolation, ...bubblewrap.namespaceOptions, '--die-with-parent', ...mounts];
  const words = [...own, '--chdir', workingDirectory, '--', file, ...args];
  return { ...program, file: bubblewrap.path, args: words };
};

/** True for a recorded program that was started in this sandbox, or in that of a ceiling, which hides the same. */
export const isMasked = (program: Pick<Program, 'file' | 'args'>): boolean => factsOf(program) !== undefined;

/** Variables that the loader, the C library, a shell, `env` or perl obey. */
const isFelt =
  /^(LD_|DYLD_|GLIBC|MALLOC|GCONV|LOCPATH|NLSPATH|TZDIR|RES_|HOSTALIASES|PERL|BASH|ENV$|SHELLOPTS|PS\d|IFS$|CDPATH|POSIX|_)|[^A-Za-z0-9_]/;

/** Nothing but what hiding needs: other processes out of sight, and no capability to undo it. */
const isolation = '--unshare-user --unshare-pid --cap-drop ALL'.split(' ');

export const maskArguments = (places: MaskPlaces): string[] => {
  const inner = innerMounts(places);
  return [
    mountArguments(root),
    // Only user 0 could write there.
    places.userId === 0 ? kernelArguments() : ['--proc', '/proc'],
    ['--dev', '/dev', ...places.devices.flatMap((path) => ['--dev-bind-try', path, path])],
    ['--tmpfs', '/run', '--dir', `/run/user/${places.userId}`],
    inner.flatMap(mountArguments),
  ].flat();
};

const root: Mount = { kind: 'write', source: '/', target: '/' };

const innerMounts = ({ hidden, readOnly, writable, kept }: MaskPlaces): Mount[] => {
  const held = readOnly.map((path): Mount => ({ kind: 'read', source: path, target: path }));
  const open = writable.filter((path) => readOnly.some((outer) => contains(outer, path)));
  const opened = open.map((path): Mount => ({ kind: 'write', source: path, target: path }));
  // The empty /run shows nothing; a way to what is hidden there must not bring it back.
  const isShown = (path: string): boolean => !contains('/run', path);
  const covers = [...coveringMounts(hidden.filter(isShown), [root]), ...coveringMounts(hidden, kept)];
  const pins = held.flatMap(({ source }) => pinsBetween(root, source));
  const all = [...kept, ...held, ...opened, ...covers, ...pins];
  // A way through something that is only read needs nothing to keep it, and would make it writable.
  const isLoose = (mount: Mount): boolean => mount.kind === 'write' && !kept.includes(mount) && !opened.includes(mount);
  const isHeld = ({ target }: Mount): boolean => held.some((outer) => contains(outer.target, target));
  return byDepth(unique(all.filter((mount) => !isLoose(mount) || !isHeld(mount))));
};

const unique = (mounts: readonly Mount[]): Mount[] => [
  ...new Map(mounts.map((mount) => [`${mount.kind} ${mount.target}`, mount])).values(),
];
