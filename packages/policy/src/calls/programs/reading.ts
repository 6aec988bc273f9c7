/** Programs that only read, with the words by which each would do more (A1, A8). */
import { spelledOut } from '../../long-options.ts';
import { changeBy } from '../../reading-programs.ts';
import { holdsSecrets, isSecretPath } from '../places.ts';
import type { RiskFinding } from '../risk.ts';
import { finding, operandsOf, optionsOf, pathsIn, textOf } from '../words.ts';
import type { Judge, JudgedWords } from '../words.ts';
import type { Argument } from '../../argument.ts';

const names = (text: string): string[] => text.trim().split(/\s+/);

/** They tell of files, processes and the system, or of their own words, but show no content of files. */
const plain = names(`
  : true false echo printf pwd test [ [[ basename dirname realpath readlink ls dir vdir stat du df tree find which type
  whereis whoami who w users id groups logname uname arch hostname uptime date cal free nproc lscpu lsblk lsmem lspci
  lsusb lsmod pgrep pidof pstree top htop vmstat iostat mpstat netstat ss lsof tty locale getconf seq sleep yes expr
  numfmt factor printenv history jobs wait times umask ulimit dirs popd shift set unset break continue return exit
  logout bg fg export declare typeset local readonly let getopts read mapfile readarray disown suspend caller help
  tput clear reset last lastlog loginctl hostid namei getfacl lsattr lsns findmnt blkid
`);

/** They show what is in the files that they name. */
const content = names(`
  cat head tail tac rev nl wc sort uniq cut paste join comm tr fold fmt expand unexpand column look strings od xxd
  hexdump grep egrep fgrep zgrep zegrep rg ag zcat bzcat xzcat zstdcat zless less more cmp diff diff3 colordiff sdiff
  base64 base32 md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum jq yq file tsort shuf bc
  dmesg journalctl getent fd fdfind exa eza iconv man info whatis apropos
`);

/** A variable that programs get later. */
const exporting = /^-[a-zA-Z0-9]*x/;

/** Options and operands by which a reading program writes, or runs something. */
const doubts: Readonly<Record<string, RegExp>> = {
  base64: /^(-[a-zA-Z0-9]*o|--output)/,
  date: /^(-[a-zA-Z0-9]*f|--file|\d{4,12}(\.\d\d)?$)/,
  declare: exporting,
  diff3: /^--diff-program/,
  du: /^--files0-from/,
  export: /./,
  getent: /^(g?shadow|a?hosts|netgroup|networks)/,
  history: /^-/,
  info: /^(-[a-zA-Z0-9]*o|--(output|dribble|restore|init-file))/,
  lastlog: /^(-[a-zA-Z0-9]*[CS]|--(clear|set))/,
  local: exporting,
  lspci: /^-[a-zA-Z0-9]*[qQ]/,
  readonly: exporting,
  set: /^[-+][a-zA-Z0-9]*[akm]|^(allexport|keyword|monitor|vi|emacs)$/,
  typeset: exporting,
  ag: /^--(pager|search-binary)/,
  jq: /^(-[a-zA-Z0-9]*[Lf]|--library-path|--from-file)|(?<![.\w])(import|include)\s*(#[^\n]*\n\s*)*"/,
  less: /^(\+|-[a-zA-Z0-9]*[oOkTtP]|--(?!(raw-control-chars|RAW-CONTROL-CHARS|chop-long-lines|LINE-NUMBERS|line-numbers|quit-if-one-screen|quit-at-eof|no-init|ignore-case|IGNORE-CASE|squeeze-blank-lines|version|help)$).)/,
  more: /^\+/,
  zless: /^(\+|-[a-zA-Z0-9]*[oOkTtP])/,
  man: /^(-[a-zA-Z0-9]*[PHCELMTXu]|--(pager|html|preprocessor|config-file|browser|recode|gxditview|troff|update))/,
  rg: /^--(pre|hostname-bin|search-zip)|^-[a-zA-Z0-9]*z/,
  sdiff: /^(-[a-zA-Z0-9]*o|--(output|diff-program))/,
  sort: /^--(files0-from|compress-program)/,
  wc: /^--files0-from/,
  xzcat: /^--files/,
  zstdcat: /^(-[a-zA-Z0-9]*o|--(rm|output|patch|train|trace|filelist))/,
  shuf: /^(-[a-zA-Z0-9]*o|--output)/,
  ss: /^(-[a-zA-Z0-9]*[KD]|--(kill|diag))/,
  iconv: /^(-[a-zA-Z0-9]*o|--output)/,
  find: /^-(fls|fprint0?|fprintf|ok|okdir|files0-from)$/,
  file: /^(-[a-zA-Z0-9]*[Cm]|--(compile|magic-file))/,
  tree: /^(-[a-zA-Z0-9]*[oR]|--(output|fromfile|fromtabfile|infofile|gitfile))/,
  yq: /load|env|^(-[a-zA-Z0-9]*[isf]|--(inplace|in-place|split-exp|security|enable|from-file))|(?<![.\w])(import|include)\s*(#[^\n]*\n\s*)*"/,
  tput: /^(init|reset|-[a-zA-Z0-9]*S)/,
  blkid: /^(-[a-zA-Z0-9]*[cgw]|--(garbage|cache))/,
  lsof: /^[-+](?!i)[a-zA-Z0-9]*D/,
  loginctl: /^(kill|terminate|enable|disable|activate|attach|flush|lock|unlock|-[a-zA-Z0-9]*[HM]|--(host|machine))/,
  colordiff: /^--(diff|difftype)/,
};

/** The second operand is a file to write; what follows one of these options is their value. */
const writesSecond: Readonly<Record<string, RegExp>> = { uniq: /^-[fsw]$/, xxd: /^-[cglos]$/, tsort: /^$/ };

const skipsHidden = /^(rg|ag|fd|fdfind)$/;
const recursive = new Set(['grep', 'egrep', 'fgrep', 'zgrep', 'rg', 'ag', 'diff', 'fd', 'fdfind']);

const judgePlain: Judge = (words) => changing(words);

const judgeContent: Judge = (words) => [...changing(words), ...secretsRead(words)];

const changing = (words: JudgedWords): RiskFinding[] => {
  const { name, texts, args } = words;
  const pattern = Object.hasOwn(doubts, name) ? doubts[name] : undefined;
  const doubt = pattern && texts.find((text) => spelledOut(text ?? '').some((one) => one !== '' && pattern.test(one)));
  if (typeof doubt === 'string')
    return [finding('unknown', `${name} ${doubt}`, `${name} may write or run something by it.`)];
  const hidden = pattern && args.find(mayBeOption);
  if (hidden?.kind === 'dynamic')
    return [finding('unknown', hidden.source, `It may become an option by which ${name} writes or runs something.`)];
  const known = changeBy(name, args.map(asPattern));
  if (known !== null && knownOptions.has(name)) return [finding('changing', name, known)];
  const valued = Object.hasOwn(writesSecond, name) ? writesSecond[name] : undefined;
  if (valued !== undefined && filesNamed(words, valued) > 1)
    return [finding('changing', name, `${name} writes the file that is named last.`)];
  return [];
};

const mayBeOption = (argument: Argument): boolean =>
  argument.kind === 'dynamic' &&
  argument.pattern === undefined &&
  (argument.fallsApart === true || /^(-|$)/.test(argument.prefix));

/** What a wildcard stands for is judged by its text. */
const asPattern = (argument: Argument): Argument =>
  argument.kind === 'dynamic' && argument.pattern !== undefined ? { kind: 'known', text: argument.pattern } : argument;

/** A wildcard may stand for any number of them; a number after an option of one letter is its value. */
const filesNamed = ({ texts }: JudgedWords, valued: RegExp): number => {
  const end = texts.includes('--') ? texts.indexOf('--') : texts.length;
  const isValue = (text: string | null, at: number): boolean =>
    at < end && valued.test(texts[at - 1] ?? '-') && /^[-+]?\d[\da-fx]*$/.test(text ?? '');
  const operands = operandsOf({ texts: texts.filter((text, at) => !isValue(text, at)) });
  return operands.some((text) => text !== null && /[*?]/.test(text)) ? Infinity : operands.length;
};

/** Those whose options `changeBy` knows. */
const knownOptions = new Set(names('date dmesg file hostname journalctl sort tree xxd'));

export const secretsRead = (words: JudgedWords): RiskFinding[] => {
  const { name, texts, place } = words;
  const findings: RiskFinding[] = [];
  for (const text of texts) {
    if (text === null) findings.push(finding('unknown', name, `What ${name} reads is only known when it runs.`));
    else if (pathsIn(text).some((path) => isSecretPath(path, place)))
      findings.push(finding('privilege', text, 'It reads a place of well-known secrets.'));
  }
  if (searchesBelow(words) && findings.length === 0) findings.push(...widely(words));
  return findings;
};

const searchesBelow = (words: JudgedWords): boolean =>
  recursive.has(words.name) &&
  (skipsHidden.test(words.name) ||
    words.texts.includes('recurse') ||
    optionsOf(words).some((option) =>
      /^(-[a-zA-Z]*[rR]|--(dereference-)?recursive|--directories=recurse)/.test(option),
    ));

const widely = ({ name, texts, place, ...words }: JudgedWords): RiskFinding[] => {
  const operands = operandsOf({ texts, ...words }).filter((text) => text !== null);
  const isHere = operands.length <= 1;
  const wide = operands.find((text) => holdsSecrets(text, place));
  if (wide !== undefined) return [finding('privilege', wide, `${name} would read every place of secrets below it.`)];
  // These skip what is hidden, where most secrets lie.
  const mayBeAnywhere = place.directory === undefined && !skipsHidden.test(name);
  return isHere && (place.directory !== undefined || mayBeAnywhere) && holdsSecrets('.', place)
    ? [finding('privilege', place.directory ?? '.', `${name} would read every place of secrets below it.`)]
    : [];
};

/** Only plain printing and replacing: `w`, `e` and `r` of sed write, run and read. */
const address = String.raw`(\d+|\$|/(?:[^/\\]|\\[^\n])*/)`;
/** A mark after a backslash is a part of the text. */
const unmarked = String.raw`(?:(?!\k<mark>)[^\\\n]|\\(?!\k<mark>)[^\n])*`;
const sedText = new RegExp(
  String.raw`^(${address}(,${address})?)?!?[pdq=]$|^(${address}(,${address})?)?s(?<mark>[/|#,])${unmarked}\k<mark>${unmarked}\k<mark>[gpiI\d]*$`,
);
const sed: Judge = (words) => {
  const options = optionsOf(words);
  const takesScript = /^(-[nEruz]*e|--expression)$/;
  const isPlain =
    !words.texts.includes('--') &&
    options.every((option) => /^(-[nEruz]*e?|--(quiet|silent|regexp-extended|expression))$/.test(option));
  const given = words.texts.filter((_, at) => takesScript.test(words.texts[at - 1] ?? ''));
  const operands = operandsOf({ texts: words.texts.filter((_, at) => !takesScript.test(words.texts[at - 1] ?? '')) });
  const [scripts, files] = given.length > 0 ? [given, operands] : [operands.slice(0, 1), operands.slice(1)];
  if (!isPlain || scripts.length === 0 || !scripts.every(isPlainScript))
    return [finding('unknown', 'sed', 'sed is not seen to only print or replace.')];
  return secretsRead({ ...words, texts: files });
};

/** What stands in brackets may hide where one command of several ends. */
const isPlainScript = (script: string | null): boolean => {
  if (script === null || sedText.test(script)) return script !== null;
  return !script.includes('[') && script.split(';').every((command) => sedText.test(command.trim()));
};

/** awk runs and writes by `system`, pipes, `>` and `getline`. */
const awk: Judge = (words) => {
  const texts = words.texts.flatMap((text, at) => joinedOption(text, words.texts[at - 1] ?? '', words.texts[at + 1]));
  const isPlain = optionsOf({ texts }).every((option) => /^-(F.+|v\w+=[^/~]*)$/s.test(option));
  const [program = null, ...files] = operandsOf({ texts });
  if (!isPlain || program === null || awkDoubts.test(withoutComparisons(program.replace(leadingPattern, ''))))
    return [finding('unknown', words.name, 'awk may run or write by its program.')];
  if (files.some((file) => /^\/inet[46]?\//.test(file ?? '')))
    return [finding('network', words.name, 'awk talks to another machine by such a file.')];
  return secretsRead({ ...words, texts: files });
};

/** The variables of other processes may hold secrets. */
const ps: Judge = ({ args }) => {
  const showing = [finding('privilege', 'ps', 'It may show the variables of other processes.')];
  const options: string[] = [];
  let taking = '';
  for (const argument of args) {
    const text = textOf(argument);
    if (text === null ? mayAskMore(argument, taking) : /environ/.test(text)) return showing;
    if (taking === '' && text !== null) options.push(text);
    taking = taking === '' && text !== null && takesValue.test(text) ? text : '';
  }
  return options.some((option) => asksVariables.test(option)) || isReadAsBsd(options) ? showing : [];
};

/** Options of BSD stand without a hyphen. */
const asksVariables = /^(-[a-zA-Z0-9]*E|e|[^-].*e)/;

/** What it does not know with a hyphen it reads again, and all other options too, as if none had one. */
const isReadAsBsd = (options: readonly string[]): boolean => {
  const short = options.filter((option) => /^-[^-]/.test(option));
  return (
    short.some((option) => option.includes('e')) &&
    short.some((option) => !/^-[AacdefFHjlLmMNTVwyZ]*[CGgoOpqstuU]?[\d,]*$/.test(option))
  );
};

const takesValue =
  /^(-\w*[CGOUgkopqstu]|[a-zA-Z]*[OUkopqt]|--(cols|columns|format|group|Group|lines|pid|ppid|quick-pid|rows|sid|sort|tty|user|User|width))$/;

/** Only one word that names processes is certain to be nothing else. */
const mayAskMore = (argument: Argument, taking: string): boolean =>
  (argument.kind === 'dynamic' && argument.fallsApart === true) || !/^(-\w*[CGUgpqtu]|--(pid|ppid|user))$/.test(taking);

/** A slash begins nothing else there; brackets may hide where it ends. */
const leadingPattern = /^\s*\/(?:[^/\\[\]\n]|\\[^\n])*\//;

const awkDoubts = /system|getline|ARGV|ARGC|SYMTAB|FUNCTAB|[|>@]|close\b/;

/** `-F` and `-v` with their value as one word. */
const joinedOption = (text: string | null, before: string, after: string | null | undefined): (string | null)[] => {
  if (/^-[Fv]$/.test(before)) return [];
  return /^-[Fv]$/.test(text ?? '') && after !== undefined ? [after === null ? null : `${text ?? ''}${after}`] : [text];
};

/** Nothing is printed in a pattern, and `>=` is nowhere a place to write to. */
const withoutComparisons = (program: string): string => {
  const plain = program.replaceAll('||', '').replaceAll(/(?<!>)>=/g, '');
  const pattern = /^[\w\s$().<>=!&+*%,-]*(?=\{|$)/.exec(plain)?.[0] ?? '';
  return /print/.test(pattern) ? plain : `${pattern.replaceAll('>', '')}${plain.slice(pattern.length)}`;
};

const cd: Judge = ({ name, texts, place }) => {
  const [target] = texts.filter((text) => text === null || !/^-[LPe@n]+$/.test(text));
  if (target === null || target === '-' || /^[+-]\d/.test(target ?? ''))
    return [finding('unknown', name, 'Where it goes is only known when it runs.')];
  return target !== undefined && isSecretPath(`${target}/x`, place)
    ? [finding('privilege', target, 'It goes into a place of well-known secrets.')]
    : [];
};

/** A `find` may be followed by what the shell gives it; the analysis has judged what it runs. */
const all = (list: readonly string[], judge: Judge): [string, Judge][] => list.map((name) => [name, judge]);

export const readingPrograms: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ...all(plain, judgePlain),
  ...all(content, judgeContent),
  ['ps', ps],
  ['sed', sed],
  ...all(['awk', 'gawk', 'mawk', 'nawk'], awk),
  ...all(['cd', 'pushd'], cd),
]);
