/** Programs that change nothing, for ceilings that only let read: what is not known here is refused early (N12). */
import type { Argument } from './argument.ts';
import { spelledOut } from './long-options.ts';

/** Options by which a program that otherwise only reads would change something. */
const changingOptions: Readonly<Record<string, RegExp>> = {
  date: /^(-[uR]*s|--set)|^\d{8,12}(\.\d\d)?$/,
  dmesg: /^-(\w*[cCnDE]|-clear|-read-clear|-console)/,
  fd: /^-(x|X|-exec)/,
  file: /^-(\w*C|-compile)/,
  find: /^-(delete|fls|fprint|fprintf|fprint0|okdir|ok|exec|execdir)$/,
  hostname: /^(-(F|b|-file|-boot)|[^-])/,
  journalctl: /^--(rotate|vacuum|flush|sync|relinquish|smart|setup|update|cursor-file)/,
  sed: /^-(\w*i|-in-place|f|-file)/,
  sort: /^-(\w*o|-output)/,
  tree: /^(-[a-zA-Z0-9]*[oR]|--output)/,
  xxd: /^-(r|-revert)/,
};

const readingPrograms: ReadonlySet<string> = new Set(
  [
    '[ basename cat cksum cmp comm cut date df diff dirname dmesg du echo egrep env expand expr false fgrep',
    'file find fmt fold free getconf grep groups head hexdump hostname id iostat journalctl jq last ldd locale logname',
    'ls lsblk lscpu lsmem lsof lspci lsusb md5sum netstat nice nl nproc numfmt od paste pgrep pidof printenv printf ps',
    'pstree pwd readlink realpath rev seq sha1sum sha224sum sha256sum sha384sum sha512sum sleep sort ss stat strings',
    'sum tac tail test timeout tr tree true tsort tty type uname unexpand uptime users vmstat w wc whereis which',
    'who whoami xargs xxd yes zcat zgrep',
  ]
    .join(' ')
    .split(' '),
);

/** Sed runs and writes by commands of its own: only plain printing and replacing are known to read. */
const sedReads = /^(\d+|\$)?(,(\d+|\$))?[pdq]$|^s([/|#,])(?:(?!\4).)*\4(?:(?!\4).)*\4[gpiI\d]*$/s;

/** Why the program may change something, or `null` when it only reads. */
export const changeBy = (name: string, args: readonly Argument[]): string | null => {
  if (name === 'sed') return sedChange(args);
  if (!readingPrograms.has(name)) return `${name} is not known to only read.`;
  const options = Object.hasOwn(changingOptions, name) ? changingOptions[name] : undefined;
  if (options === undefined) return null;
  for (const argument of args) {
    const text = argument.kind === 'known' ? argument.text : argument.prefix;
    if (spelledOut(text).some((spelled) => options.test(spelled))) return `${name} ${text} changes something.`;
    if (argument.kind === 'dynamic' && (text === '' || argument.fallsApart === true))
      return `${name}: ${argument.source} is only known when it runs.`;
  }
  return null;
};

const sedChange = (args: readonly Argument[]): string | null => {
  const texts = args.map((argument) => (argument.kind === 'known' ? argument.text : null));
  if (texts.includes(null)) return 'The words of sed are only known when it runs.';
  const words = texts.filter((text) => text !== null);
  const options = words.filter((text) => text.startsWith('-'));
  const script = words.find((text) => !text.startsWith('-'));
  const isPlain = options.every((option) => /^-[nEr]+$/.test(option)) && script !== undefined && sedReads.test(script);
  return isPlain ? null : 'sed is not known to only read, except to print or replace.';
};
