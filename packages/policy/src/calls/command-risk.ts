/** What a command line may do, by the programs that it would run and their words; never by pieces of its text (A1). */
import { analyseCommand } from '../analyse-command.ts';
import type { CommandAnalysis, SimpleCommand } from '../analyse-command.ts';
import { isSecretPath, isSteeringPath } from './places.ts';
import type { Place } from './places.ts';
import { asksForHelp, changingPrograms, judgeGraded } from './programs/changing.ts';
import { gradeOf, interpreters, neutralWrappers } from './programs/graded.ts';
import { git } from './programs/git.ts';
import { managers } from './programs/managers.ts';
import { readingPrograms } from './programs/reading.ts';
import { isShell, judgeShell } from './programs/shells.ts';
import { gravest } from './risk.ts';
import type { RiskFinding } from './risk.ts';
import { walkedPlaces } from './walked-places.ts';
import { finding, pathsIn, textOf } from './words.ts';
import type { JudgedWords } from './words.ts';

export interface CommandRisk {
  risk: RiskFinding['risk'];
  /** What is more than reading, each once. */
  findings: RiskFinding[];
  analysis: CommandAnalysis;
}

export interface CommandText {
  text: string;
  place: Place;
  /** It is read by a shell that is open already: which one, and in which state, is not known here. */
  isInOpenShell?: boolean | undefined;
}

export const judgeCommand = ({ text, place, isInOpenShell = false }: CommandText): CommandRisk => {
  const analysis = analyseCommand(text);
  const places = walkedPlaces(analysis.commands, place);
  const findings = [
    ...analysis.counted.map(({ text: part, reason }) => finding('unknown', part, reason)),
    ...analysis.unknown.map(({ text: part, reason }) => finding('unknown', part, reason)),
    ...(isInOpenShell ? otherShells(text, analysis) : []),
    ...analysis.assignments.flatMap(judgeAssignment),
    ...(places === null ? [finding('unknown', 'cd', 'It goes to too many directories.')] : []),
    ...(places ?? [place]).flatMap((one) => [
      ...analysis.files.flatMap((file) => judgeFile(file, one)),
      ...analysis.commands.flatMap((command) => judgeSimple(command, one)),
    ]),
  ];
  const risky = unique(findings.filter(({ risk }) => risk !== 'reading'));
  return { risk: gravest(risky), findings: risky, analysis };
};

const unique = (findings: readonly RiskFinding[]): RiskFinding[] => {
  const seen = new Map(findings.map((one) => [`${one.risk}\n${one.text}\n${one.reason}`, one]));
  return [...seen.values()];
};

/**
 * zsh and fish run what stands in brackets where bash sees a pattern or a word, quote differently, and keep what they
 * run in variables of other names.
 */
const otherShells = (text: string, { assignments, commands }: CommandAnalysis): RiskFinding[] => {
  const doubt = (part: string, reason: string): RiskFinding[] => [finding('unknown', part, reason)];
  if (/[()`^]|\[\[|\$\{[^}]*[(^[:'"\\]|\\'|\$'|&>/.test(text))
    return doubt('()', 'The shell that is open may be another than bash and read brackets or quotes differently.');
  const setting =
    commands.map(stateOf).find((name) => name !== null) ??
    assignments.find(({ name }) => !harmlessVariables.test(name))?.name;
  const loop = /\b(?:for|select)\s+(path|cdpath|fpath|manpath|module_path|\w*_functions|\w*CMD)\b/.exec(text)?.[1];
  const changed = setting ?? loop;
  return changed === undefined
    ? []
    : doubt(changed, 'What it sets stays in the shell that is open, and may decide what runs there.');
};

/** What changes the shell itself, or what runs in it. */
const stateOf = ({ words: [program, ...args] }: SimpleCommand): string | null => {
  const name = program === undefined ? null : textOf(program);
  if (name === null || endsOrMoves.test(name)) return name;
  const isLimit = /^(umask|ulimit)$/.test(name);
  const onlyShows = isLimit ? args.every((arg) => showsLimit.test(textOf(arg) ?? '')) : args.length === 0;
  return (isLimit || keepsState.test(name)) && !onlyShows ? name : null;
};

const endsOrMoves = /^(exit|logout|bye|return|exec|suspend|fg|bg|disown)$/;
const showsLimit = /^-[HS]*[a-zA-Z]?$/;
const keepsState =
  /^(set|read|declare|typeset|local|export|readonly|let|getopts|mapfile|readarray|unset|history|trap)$/;

/** Variables that say how things look, and nothing of what runs. */
const harmlessVariables =
  /^(LANG|LANGUAGE|LC_[A-Z]+|TZ|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE|COLUMNS|LINES|TERM|CI|DEBUG|NODE_ENV|RUST_BACKTRACE|PORT|HOST|VERBOSE|LOG_LEVEL|RUST_LOG|GREP_COLORS?|LS_COLORS|TIMEFORMAT)$/;

const judgeAssignment = ({ name, isPrefix }: CommandAnalysis['assignments'][number]): RiskFinding[] => {
  const isHarmless = harmlessVariables.test(name) || (!isPrefix && !/^(npm_|.*_proxy$)/i.test(name));
  return isHarmless ? [] : [finding('unknown', `${name}=`, `The variable ${name} may change what the program does.`)];
};

const judgeFile = ({ target, access }: CommandAnalysis['files'][number], place: Place): RiskFinding[] => {
  const text = textOf(target);
  if (text === null) {
    const source = target.kind === 'dynamic' ? target.source : '';
    return [
      finding('unknown', source, `Which file is ${access === 'read' ? 'read' : 'written'} is only known when it runs.`),
    ];
  }
  if (/^\/dev\/(tcp|udp)\//.test(text)) return [finding('network', text, 'bash talks to another machine by it.')];
  if (access === 'read')
    return isSecretPath(text, place) ? [finding('privilege', text, 'It reads a place of well-known secrets.')] : [];
  if (/^\/dev\/(null|stdout|stderr|tty)$/.test(text)) return [];
  if (/^\/dev\/(?!shm\/|fd\/|full$|zero$)/.test(text)) return [finding('destruction', text, 'It writes a device.')];
  if (isSteeringPath(text, place) || isSecretPath(text, place))
    return [finding('privilege', text, 'What is written there decides what runs later, or belongs to the system.')];
  return [finding('changing', text, 'It writes a file.')];
};

const systemDirectory = /^\/(usr\/)?s?bin\/[^/]+$/;

const judgeSimple = (command: SimpleCommand, place: Place): RiskFinding[] => {
  const [program, ...args] = command.words;
  if (program?.kind !== 'known') return [];
  const { text } = program;
  if (text.includes('/') && !systemDirectory.test(text))
    return [finding('unknown', text, 'It runs a file by its path; what is in it is not read here.')];
  const name = text.slice(text.lastIndexOf('/') + 1);
  const words = { name, args, texts: args.map(textOf), place, standardInput: command.standardInput };
  return judgeProgram(words);
};

const judgeProgram = (words: JudgedWords): RiskFinding[] => {
  const { name } = words;
  const judge = readingPrograms.get(name);
  if (name === 'find') return [...(judge?.(words) ?? []), ...(changingPrograms.get('find')?.(words) ?? [])];
  if (judge !== undefined) return judge(words);
  if (name === 'git') return git(words);
  if (isShell(name)) return judgeShell(words);
  if (neutralWrappers.has(name)) return judgeWrapper(words);
  if (asksForHelp(words) && (interpreters.has(name) || gradeOf(name)?.risk === 'changing')) return [];
  if (interpreters.has(name)) return [finding('unknown', name, `${name} runs a program that is not read here.`)];
  return (managers.get(name) ?? changingPrograms.get(name) ?? judgeGraded)(words);
};

/** What it runs was judged by itself. */
const judgeWrapper = ({ name, texts, place }: JudgedWords): RiskFinding[] => {
  const findings: RiskFinding[] = [];
  if (name === 'env')
    for (const text of texts) {
      const variable = text === null ? undefined : /^([A-Za-z_]\w*)=/.exec(text)?.[1];
      if (variable !== undefined) findings.push(...judgeAssignment({ name: variable, isPrefix: true }));
    }
  if (name === 'env' && texts.some((text) => text !== null && /^(-[a-zA-Z0-9]*C|--c)/.test(text)))
    findings.push(finding('unknown', 'env -C', 'What it runs would take paths from elsewhere.'));
  if (name === 'xargs')
    for (const path of texts.flatMap((text) => (text === null ? [] : [text, ...pathsIn(text)])))
      if (isSecretPath(path, place))
        findings.push(finding('privilege', path, 'It reads a place of well-known secrets.'));
  if (name === 'time' && texts.some((text) => text !== null && /^(-[a-zA-Z]*o|--output|-a)/.test(text)))
    findings.push(finding('changing', 'time', 'It writes a file.'));
  return findings;
};
