/** Programs and builtins that run another program given in their words, as data. */
import type { OptionGrammar } from './option-grammar.ts';

const names = (...lines: string[]): ReadonlySet<string> => new Set(lines.join(' ').split(' '));

/** The rest of the words is a command. */
export const wrapperGrammars: Readonly<Record<string, OptionGrammar>> = {
  builtin: {},
  busybox: {},
  caffeinate: { flags: 'dimsu', values: 'tw' },
  chronic: { flags: 'ev' },
  chroot: { operands: 1, longValues: ['userspec', 'groups'] },
  chrt: { flags: 'abfimorRv', operands: 1 },
  command: { flags: 'p' },
  doas: { flags: 'n', values: 'Cu' },
  env: {
    flags: 'iv0',
    values: 'uC',
    longFlags: ['ignore-environment', 'null', 'debug'],
    longValues: ['unset', 'chdir'],
    assignments: true,
  },
  exec: { flags: 'cl', values: 'a' },
  ionice: { flags: 't', values: 'cn', longFlags: ['ignore'], longValues: ['class', 'classdata'] },
  jobs: { flags: 'lnprsx' },
  ltrace: { flags: 'cCfiLrStTV', values: 'aAeFlnopsuwx' },
  nice: { values: 'n', numeric: true, longValues: ['adjustment'] },
  nohup: {},
  setsid: { flags: 'cfw', longFlags: ['ctty', 'fork', 'wait'] },
  stdbuf: { values: 'ioe', longValues: ['input', 'output', 'error'] },
  strace: { flags: 'cCdDfFhiknqrtTvVwxyYzZ', values: 'abeEIoOpPsSuUX' },
  sudo: {
    flags: 'AbBEHkKnNPS',
    values: 'CDghpRrTtUu',
    longFlags: ['background', 'non-interactive', 'preserve-env', 'set-home', 'stdin'],
    longValues: ['chdir', 'group', 'host', 'prompt', 'user'],
    assignments: true,
  },
  taskset: { flags: 'ac', operands: 1 },
  time: { flags: 'ahlpqvV', values: 'fo' },
  timeout: {
    flags: 'pfv',
    values: 'ks',
    longFlags: ['foreground', 'preserve-status', 'verbose'],
    longValues: ['kill-after', 'signal'],
    operands: 1,
  },
  toybox: {},
  unbuffer: { flags: 'p' },
  xargs: {
    flags: '0oprtx',
    values: 'adEILnPs',
    longFlags: ['null', 'exit', 'interactive', 'no-run-if-empty', 'open-tty', 'verbose'],
    longValues: ['arg-file', 'delimiter', 'max-args', 'max-chars', 'max-procs'],
    longAttached: ['max-lines', 'replace'],
  },
};

/** Shells whose text this room reads. */
export const readableShells: ReadonlySet<string> = names('ash bash dash ksh mksh rbash sh');
/** They read some texts differently than bash. */
export const plainShells: ReadonlySet<string> = names('ash dash sh');
/** Shells of another language: a text for them is not read. */
export const otherShells: ReadonlySet<string> = names('csh elvish fish nu pwsh tcsh xonsh zsh');

/** They run programs named in their words in ways that are not read here. */
export const unreadRunners: ReadonlySet<string> = names(
  'bwrap dbus-run-session entr fakechroot fakeroot faketime firejail flatpak-spawn gdb linux32 linux64',
  'nsenter parallel pkexec prlimit proot run0 setarch setpriv sg start-stop-daemon systemd-run unshare',
  'valgrind xdg-open xvfb-run',
);

/** Options by which these programs run another one. */
export const runningOptions: Readonly<Record<string, RegExp>> = {
  fd: /^(-[a-zA-Z0-9]*[xX]|--exec(-batch)?(=|$))/,
  fdfind: /^(-[a-zA-Z0-9]*[xX]|--exec(-batch)?(=|$))/,
  git: /^(-c|--config-env|--exec-path=|--upload-pack|--receive-pack|--exec=|--ext-diff|-u$)/,
  man: /^(-[a-zA-Z0-9]*[PHC]|--(pager|html|preprocessor))/,
  rg: /^--pre(=|$)/,
  rsync: /^(-[a-zA-Z0-9]*e|--rsh|--rsync-path)/,
  scp: /^-[a-zA-Z0-9]*[oSD]/,
  sftp: /^-[a-zA-Z0-9]*[oSD]/,
  sort: /^--compress-program/,
  split: /^--filter/,
  ssh: /^-[a-zA-Z0-9]*[oF]/,
  tar: /^(-[a-zA-Z0-9]*[IF]|--to-command|--checkpoint-action|--use-compress|--rmt-command|--rsh-command|--info-script|--new-volume-script)/,
};

/** Builtins that only change the state of the shell at hand; nothing else of that name can run (their words are judged all the same, and what `eval`, `exec` and their like run is judged instead of them). */
export const stateBuiltins: ReadonlySet<string> = names(
  ': bg break cd continue declare dirs disown exit export fg getopts jobs let local logout popd pushd',
  'readonly return set shift times typeset umask ulimit unset wait builtin command eval exec trap',
);

/** Builtins whose words are names of variables or assignments. */
export const namingBuiltins: ReadonlySet<string> = names(
  'declare export getopts let local mapfile printf read readarray readonly typeset unset wait',
);

/** Builtins that give names another meaning, or keep text to run later. */
export const redefiningBuiltins: ReadonlySet<string> = names('alias bind compgen complete compopt enable fc hash');
