/**
 * What a shell at its prompt is made to read so that a command runs in it with marked output (T24).
 *
 * One short line is typed: it sources the first file, which prints the begin mark, sources the second file (the command
 * as it was given) and prints the end mark. Marks go to /dev/tty, so that redirections of the shell do not catch them,
 * and carry a nonce that no other program knows. The command stands in a file of its own: nothing has to be quoted, an
 * open quote or heredoc ends with it, and `return` leaves only it. Whatever keeps the end mark from being printed (an
 * interrupt, `exec`, the end of the shell) is found out by looking at the shell.
 */
import { shortForDisplay } from '../plain-text/escape-for-display.ts';

export type ShellKind = 'bash' | 'zsh' | 'fish' | 'sh';

export interface ShellScripts {
  /** The line to type, with its Enter. */
  typed: string;
  files: { path: string; text: string }[];
}

export interface ScriptRequest {
  kind: ShellKind;
  nonce: string;
  /** A path without characters that a shell would change; the other files get it with a suffix. */
  path: string;
  command: string;
}

const maxShownLength = 100;

export const commandScripts = (request: ScriptRequest): ShellScripts => {
  const { kind, path, command } = request;
  const entry = kind === 'fish' ? fishEntry(request) : posixEntry(request);
  const files = [
    { path, text: entry },
    { path: commandPath(path), text: `${command}\n` },
  ];
  if (kind !== 'fish') files.push({ path: tracedPath(path), text: `{ set -x; } 2>/dev/null; ${command}\n` });
  return { typed: typedLine(kind, path), files };
};

/** Only asks for the status of the last command, with an end mark, and leaves it as it was. */
export const statusScripts = ({ kind, nonce, path }: Omit<ScriptRequest, 'command'>): ShellScripts => {
  const print = `printf '\\033[A\\r\\033[J${endMark(nonce)}'`;
  if (kind === 'fish')
    return { typed: ` builtin source ${path}\r`, files: [{ path, text: `builtin ${print} $status >/dev/tty\n` }] };
  const lines = [
    `{ __navis_s=$?; ${quietly(forgetInHistory(kind, path))}; } 2>/dev/null`,
    `${builtin(kind)} ${print} "$__navis_s" >/dev/tty || :`,
    leave(kind),
    '',
  ];
  return { typed: typedLine(kind, path), files: [{ path, text: lines.join('\n') }] };
};

/** Where the command itself stands; shells name it in their messages. */
export const commandPath = (path: string): string => `${path}.c`;
const tracedPath = (path: string): string => `${path}.x`;

/** Begins with a space to stay out of histories, and with a backslash to stay clear of aliases. */
const typedLine = (kind: ShellKind, path: string): string =>
  kind === 'fish' ? ` ${fishEvaluation(path)}\r` : ` \\. ${path}\r`;

/** Not sourced: in a sourced file `exit` ends only the file. */
const fishEvaluation = (path: string): string => `eval (builtin string collect <${path})`;

/** For the format of `printf`. */
const beginMark = (nonce: string): string => `\\033]133;C;navis=${nonce}\\007`;
const endMark = (nonce: string): string => `\\033]133;D;%s;navis=${nonce}\\007`;

/** `command` takes from a builtin of `sh` that its failure ends the script. */
const builtin = (kind: ShellKind): string => (kind === 'sh' ? '\\command' : '\\builtin');

/** Replaces the typed line by the command, so that a person who looks on sees what runs. */
const showCommand = (command: string): string => {
  const lines = command.trim().split('\n');
  const more = lines.length > 1 ? ' …' : '';
  return `\u00bb ${shortForDisplay(lines[0] ?? '', maxShownLength)}${more}`;
};
const showFormat = '\\033[A\\r\\033[J\\033[2m%s\\033[22m\\n';

const posixQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const fishQuote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const posixEntry = ({ kind, nonce, path, command }: ScriptRequest): string => {
  const call = builtin(kind);
  return [
    `{ __navis_s=$?; ${quietly(forgetInHistory(kind, path))}; } 2>/dev/null`,
    `${call} printf '${showFormat}${beginMark(nonce)}' ${posixQuote(showCommand(command))} >/dev/tty || :`,
    // The command sees the status of the one before it, as it would at the prompt; not where that would end the shell.
    `case $__navis_x in *x*) ${call} . ${tracedPath(path)};; *) case $-:$__navis_s in *e*|*:0) ;; *) (exit "$__navis_s");; esac; ${call} . ${commandPath(path)};; esac`,
    `{ __navis_s=$?; ${quietly(':')}; } 2>/dev/null`,
    `${call} printf '${endMark(nonce)}' "$__navis_s" >/dev/tty || :`,
    leave(kind),
    '',
  ].join('\n');
};

/** Notes and switches off the flags by which a shell shows what it executes. */
const quietly = (step: string): string =>
  `case $- in *x*) __navis_x=x;; *) __navis_x=;; esac; case $- in *v*) __navis_x=\${__navis_x}v;; esac; set +xv; ${step}`;

/** Leaves the flags and the status as the command left them, and no variables; a status that would end the shell is 0. */
const leave = (kind: ShellKind): string => {
  const call = builtin(kind);
  return `case $- in *e*) __navis_s=0;; esac; ${call} eval "${call} unset -v __navis_s __navis_x; { set \${__navis_x:+-}\${__navis_x:-+xv}; return $__navis_s; } 2>/dev/null"`;
};

/** Takes the typed line out of the shell's history where the space before it did not. */
const forgetInHistory = (kind: ShellKind, path: string): string => {
  if (kind === 'bash')
    return `case \${HISTCONTROL-} in *ignorespace*|*ignoreboth*) ;; *) __navis_h=$(HISTTIMEFORMAT= \\builtin history 1); case $__navis_h in *${path}*) __navis_h=\${__navis_h#"\${__navis_h%%[0-9]*}"}; \\builtin history -d "\${__navis_h%%[!0-9]*}";; esac; \\builtin unset -v __navis_h;; esac`;
  if (kind !== 'zsh') return ':';
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  // Lines of this session's first call stay in memory: zsh has no way to take a line out.
  return `case " \${zshaddhistory_functions-} " in *" __navis_history "*) ;; *) __navis_history() { setopt local_options no_err_exit; case $1 in *" ${folder}"*) return 1;; esac; }; zshaddhistory_functions+=(__navis_history);; esac`;
};

const fishEntry = ({ nonce, path, command }: ScriptRequest): string =>
  [
    `builtin printf '${showFormat}${beginMark(nonce)}' ${fishQuote(showCommand(command))} >/dev/tty`,
    fishEvaluation(commandPath(path)),
    `builtin printf '${endMark(nonce)}' $status >/dev/tty`,
    '',
  ].join('\n');
