/** The two small shell texts around a sandbox: one outside, which tells how the program ended, one inside, which checks. */

/**
 * The processes around the program share its process group, so they ignore the signals meant for it: else Ctrl-C would end
 * the sandbox of a program that handles it. Bubblewrap tells an end by signal N as exit code 128 + N; it is made a real
 * one again, so that callers see the same as without a sandbox. Signals that do not end a process stay exit codes.
 */
const outerText = `trap '' HUP INT QUIT USR1 USR2 ALRM TERM TSTP TTIN TTOU
"$@"
s=$?
case $s in
145|146|147|148|149|150|151|156) ;;
129|13?|14?|15?) n=$((s - 128)); ulimit -c 0; trap - $n; kill -$n $$ ;;
esac
exit $s`;

const plainText = 'exec "$@"';

/** `facts` tell the machine, also after a restart, what a program was started with. */
export const outerShell = (canResetSignals: boolean, facts: string): string[] => [
  '-c',
  canResetSignals ? outerText : plainText,
  `${outerName} ${facts}`,
];

/** What `outerShell` was given; `undefined` for a program without a sandbox. */
export const factsOf = ({ file, args }: { file: string; args: readonly string[] }): string | undefined => {
  const [option, , name = ''] = args;
  const isOurs = file === '/bin/sh' && option === '-c' && name.startsWith(`${outerName} `);
  return isOurs ? name.slice(outerName.length + 1) : undefined;
};

const outerName = 'navis-sandbox';

/** Of what hides Navis's own state only, and limits nothing else (A7). */
export const maskFacts = 'mask';

/** Directories that must be what was looked at before. */
export interface MountCheck {
  target: string;
  identity: string;
}

/** `$1` is what must be found, `$2` how many of the words after it are looked at. */
const checkingText = `expected=$1; count=$2; shift 2
found=
while [ $count -gt 0 ]; do found="$found $(PATH=/usr/bin:/bin stat -c %d:%i "$1")"; shift; count=$((count - 1)); done
[ "$found" = "$expected" ] || { echo 'navis: a directory of the ceiling was replaced while the command started; it was not run.' >&2; exit 126; }
unset expected count found`;

const carriedPrefix = 'NAVIS_V_';
/** Shells make these themselves, and some refuse another value. */
const ownOfShells = /^(BASHOPTS|BASH_VERSINFO|EUID|GROUPS|OPTIND|PPID|PWD|SHELLOPTS|UID|_)$/;

/**
 * The environment for the processes around the sandbox. It holds what a profile says, which may be what a command wrote
 * there: `LD_PRELOAD` would be code of its choice outside. So variables go by other names until they are inside.
 */
export const carriedEnvironment = (environment: Readonly<Record<string, string>>): Record<string, string> => {
  const { TERM, ...others } = environment;
  const carried = Object.entries(others).filter(([name]) => isCarried(name));
  return {
    // The host of a terminal says another.
    ...(TERM === undefined ? {} : { TERM }),
    ...Object.fromEntries(carried.map(([name, value]) => [carriedPrefix + name, value])),
  };
};

const isCarried = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !ownOfShells.test(name);

/** Comes before the program's own words: checks, gives the variables their names back, and becomes the program. */
export const innerShell = (checks: readonly MountCheck[], environment: Readonly<Record<string, string>>): string[] => {
  const names = Object.keys(environment).filter((name) => name !== 'TERM' && isCarried(name));
  const expected = checks.map(({ identity }) => ` ${identity}`).join('');
  const lines = [
    ...(checks.length === 0 ? [] : [checkingText]),
    ...names.map((name) => `export ${name}="$${carriedPrefix}${name}"; unset ${carriedPrefix}${name}`),
    'exec "$@"',
  ];
  const checkWords =
    checks.length === 0 ? [] : [expected, String(checks.length), ...checks.map(({ target }) => target)];
  return ['/bin/sh', '-c', lines.join('\n'), outerName, ...checkWords];
};
