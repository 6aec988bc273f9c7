/** Programs that change files: how grave it is depends on their words and on where they write. */
import { spelledOut } from '../../long-options.ts';
import { isSecretPath, isSteeringPath } from '../places.ts';
import type { RiskFinding } from '../risk.ts';
import { finding, operandsOf, optionsOf, pathsIn } from '../words.ts';
import type { Judge, JudgedWords } from '../words.ts';
import { gradeOf } from './graded.ts';

const has = (words: JudgedWords, pattern: RegExp): boolean =>
  optionsOf(words)
    .flatMap(spelledOut)
    .some((option) => pattern.test(option));

/** Any of its words may be what it writes. */
export const written = ({ name, texts, place }: JudgedWords): RiskFinding[] => {
  const findings: RiskFinding[] = [];
  for (const text of texts) {
    if (text === null) continue;
    const paths = pathsIn(text);
    if (paths.some((path) => isSteeringPath(path, place)))
      findings.push(
        finding('privilege', text, `What ${name} may write there decides what runs later, or belongs to the system.`),
      );
    else if (paths.some((path) => isSecretPath(path, place)))
      findings.push(finding('privilege', text, 'It is a place of well-known secrets.'));
  }
  return findings;
};

const changes = (words: JudgedWords): RiskFinding[] => [
  finding('changing', words.name, 'It changes files.'),
  ...written(words),
];

/** What destroys changes too: one reason says it. */
const destroys =
  (when: (words: JudgedWords) => boolean, reason: string): Judge =>
  (words) =>
    when(words) ? [finding('destruction', words.name, reason), ...written(words)] : changes(words);

const isWide = (text: string | null): boolean =>
  text === null || /[*?]/.test(text) || /^(\/|~\/?|\.\.?\/?)$/.test(text);

const rm = destroys(
  (words) => has(words, /^(-[a-zA-Z]*[rR]|--recursive|--no-preserve-root)/) || operandsOf(words).some(isWide),
  'It removes more than the files that it names.',
);

const find: Judge = (words) =>
  words.texts.includes('-delete') ? [finding('destruction', 'find -delete', 'It removes whatever it finds.')] : [];

const dd = destroys(
  ({ texts }) => texts.some((text) => text === null || /^of=\/dev\/(?!null$|zero$)/.test(text)),
  'It writes a device.',
);

const chmod: Judge = (words) => {
  const givesRights = words.texts.some(
    (text) => text === null || /^[0-7]*[4-7][0-7]{3}$/.test(text) || /[ugoa]*\+[rwxX]*[st]/.test(text),
  );
  const risk = givesRights ? 'privilege' : 'changing';
  return [
    finding(
      risk,
      'chmod',
      givesRights ? 'It may let programs run with the rights of others.' : 'It changes rights of files.',
    ),
    ...written(words),
  ];
};

const tar: Judge = (words) => {
  const [first = ''] = words.texts;
  const letters = `${first?.startsWith('-') === false ? first : ''}${optionsOf(words)
    .filter((option) => /^-[a-zA-Z]/.test(option))
    .join('')}`;
  const lists =
    (/t/.test(letters) || has(words, /^--list$/)) &&
    // Any other letter may change something, or name a program.
    /^[-tvfzjJanC]+$/.test(letters) &&
    // A name with a colon is on another machine.
    !words.texts.some((text) => text?.includes(':') === true) &&
    !has(words, /^--(?!(list|file|verbose|gzip|bzip2|xz|zstd)(=|$))/);
  return lists && !words.texts.includes(null) ? [] : changes(words);
};

const archiveLists =
  (pattern: RegExp): Judge =>
  (words) =>
    optionsOf(words).length > 0 &&
    optionsOf(words).every((option) => pattern.test(option)) &&
    !words.texts.includes(null)
      ? []
      : changes(words);

/** The first words that show a version or help, and nothing more. */
export const asksForHelp = ({ name, texts }: Pick<JudgedWords, 'name' | 'texts'>): boolean => {
  const [option = ''] = texts;
  if (texts.length !== 1) return false;
  if (readsMore.test(name)) return false;
  if (/^(--version|--help)$/.test(option ?? '')) return true;
  if (option === '-version') return showsByVersion.test(name);
  // For many others these mean to be verbose about what they do.
  return (option === '-v' && showsByV.test(name)) || (option === '-V' && /^(python[23]?|pypy3?)$/.test(name));
};

const showsByVersion = /^(java|javac|kotlinc|scala|ffmpeg|ffprobe|convert|magick|sqlite3)$/;

/** Even for that they run what they get by their input, or what the project says. */
const readsMore = /^(tclsh|expect|erl|escript|osascript|pytest|tox|flake8|mocha|mvn|sbt|lein|\.|source)$/;

const showsByV =
  /^(node|nodejs|ruby|perl|php|lua|luajit|gcc|g\+\+|cc|c\+\+|clang|clang\+\+|make|gmake|gradle|tsc|vitest|jest)$/;

const crontab: Judge = (words) =>
  words.texts.length === 1 && words.texts[0] === '-l'
    ? []
    : [finding('privilege', 'crontab', 'It changes what runs by the clock.')];

const special: [string, Judge][] = [
  ['rm', rm],
  ['find', find],
  ['dd', dd],
  ['chmod', chmod],
  ['tar', tar],
  ['unzip', archiveLists(/^-[lvZ1]+$/)],
  ['gzip', archiveLists(/^-l$/)],
  ['shred', (words) => [finding('destruction', 'shred', 'It overwrites files.')].concat(written(words))],
  ['truncate', destroys((words) => has(words, /^(-s0?$|--size=0)/), 'It empties files.')],
  ['mv', destroys((words) => operandsOf(words).some((text) => text === '/dev/null'), 'It throws files away.')],
  ['tee', changes],
  ['crontab', crontab],
];

export const changingPrograms: ReadonlyMap<string, Judge> = new Map(special);

export const judgeGraded: Judge = (words) => {
  const grade = gradeOf(words.name);
  if (grade === undefined)
    return [finding('unknown', words.name, `${words.name} is not a program that is known here.`)];
  return [finding(grade.risk, words.name, grade.reason), ...written(words)];
};
