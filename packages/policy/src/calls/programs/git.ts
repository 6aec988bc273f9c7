/** What git does, by its subcommand and words. */
import { spelledOut } from '../../long-options.ts';
import type { RiskFinding } from '../risk.ts';
import { finding, operandsOf, optionsOf } from '../words.ts';
import type { Judge, JudgedWords } from '../words.ts';
import { secretsRead } from './reading.ts';

type SubJudge = (words: JudgedWords) => RiskFinding[];

const set = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const reading = set(`status log diff show rev-parse rev-list ls-files ls-tree cat-file describe blame annotate shortlog
  grep name-rev merge-base for-each-ref count-objects version whatchanged check-ignore check-attr diff-tree diff-index
  diff-files show-ref show-branch range-diff cherry var verify-pack fsck help`);
const changes = set(`add commit merge rebase cherry-pick revert stash mv apply am init switch checkout branch tag notes
  pack-refs repack rm restore reset worktree bisect format-patch archive bundle sparse-checkout rerere maintenance
  read-tree write-tree commit-tree update-index hash-object mktree symbolic-ref replace request-pull`);
const network = set('fetch pull push clone ls-remote remote submodule send-email svn p4 lfs');
const destroying = set('clean filter-branch filter-repo gc prune reflog update-ref');

/** Options by which a reading subcommand writes or runs something. */
const runs =
  /^(-O|--open-files-in-pager|--output|-o$|--ext-diff|--textconv|--exec|--filters|--contents|--no-index|--upload-pack)/;

/** Options by which one that talks to others, or makes a repository, runs what the line names. */
const runsOther = /^--(config|template|upload-pack|receive-pack|exec)(=|$)/;

const globalFlags = /^(--no-pager|-P|--no-optional-locks|--literal-pathspecs|--no-replace-objects|--bare)$/;

export const git: Judge = (words) => {
  const { texts } = words;
  let at = 0;
  for (; at < texts.length; at += 1) {
    const text = texts[at] ?? null;
    if (text === null) return [unknown('a word before the subcommand is only known when it runs')];
    if (globalFlags.test(text)) continue;
    if (text === '-C') at += 1;
    else if (/^(--version|--help|--html-path|--man-path)$/.test(text)) return [];
    else if (text.startsWith('-')) return [unknown(`${text} changes how it works`)];
    else break;
  }
  const sub = texts[at];
  if (sub === undefined || sub === null) return sub === null ? [unknown('the subcommand is not known')] : [];
  return judgeSub(sub, { ...words, args: words.args.slice(at + 1), texts: texts.slice(at + 1) });
};

const unknown = (reason: string): RiskFinding => finding('unknown', 'git', `git: ${reason}.`);

const judgeSub = (sub: string, words: JudgedWords): RiskFinding[] => {
  const special = Object.hasOwn(forms, sub) ? forms[sub] : undefined;
  if (special !== undefined) return special(words);
  if (reading.has(sub)) return judgeReading(sub, words);
  if (destroying.has(sub))
    return [finding('destruction', `git ${sub}`, 'It removes what git keeps or what is not in it.')];
  if ((network.has(sub) || sub === 'init') && has(words, runsOther)) return [unknown('an option names what it runs')];
  if (network.has(sub)) return [finding('network', `git ${sub}`, 'It talks to another machine.')];
  if (changes.has(sub)) return [finding('changing', `git ${sub}`, 'It changes the repository or its files.')];
  return [unknown(`${sub} is no subcommand known here, it may be an alias`)];
};

const judgeReading = (sub: string, words: JudgedWords): RiskFinding[] => {
  const isDoubt = (text: string): boolean => runs.test(text) || (sub === 'grep' && /^-[a-zA-Z0-9]*O/.test(text));
  const option = words.texts.find((text) => text === null || spelledOut(text).some(isDoubt));
  if (option !== undefined) return [unknown(`${option ?? 'a word'} may write, run or read anything`)];
  return secretsRead({ ...words, name: `git ${sub}` });
};

const has = (words: JudgedWords, pattern: RegExp): boolean =>
  optionsOf(words)
    .flatMap(spelledOut)
    .some((option) => pattern.test(option));

/** Reading unless it has operands or other options than these. */
const listing =
  (sub: string, allowed: RegExp, otherwise: RiskFinding['risk'] = 'changing'): SubJudge =>
  (words) => {
    const isListing = words.texts.every((text) => text !== null && allowed.test(text));
    return isListing ? [] : [finding(otherwise, `git ${sub}`, 'It changes the repository.')];
  };

const destroysIf =
  (sub: string, pattern: RegExp, otherwise: RiskFinding['risk'] = 'changing'): SubJudge =>
  (words) => {
    const destroys = has(words, pattern);
    const risk = destroys ? 'destruction' : otherwise;
    return [finding(risk, `git ${sub}`, destroys ? 'It throws work away.' : 'It changes the repository or its files.')];
  };

const branch: SubJudge = (words) => {
  if (has(words, /^(-[a-zA-Z]*[dD]|--delete)/)) return [finding('destruction', 'git branch', 'It deletes a branch.')];
  const isListing =
    /^(-[avrl]+|-vv|--(all|list|remotes|verbose|show-current|contains|merged|no-merged|points-at|sort|format|no-color|color)(=.*)?)$/;
  const options = optionsOf(words);
  const takes = has(words, /^--(contains|merged|no-merged|points-at|list)$|^-l$/);
  const isPlain = options.every((option) => isListing.test(option)) && (operandsOf(words).length === 0 || takes);
  return isPlain && !words.texts.includes(null) ? [] : [finding('changing', 'git branch', 'It changes branches.')];
};

const push: SubJudge = (words) => {
  const forces = has(words, /^(-[a-zA-Z]*[fd]|--(force|delete|mirror|prune))/);
  const overwrites = operandsOf(words).some((text) => text === null || /^[+:]/.test(text));
  const risk = forces || overwrites ? 'destruction' : 'network';
  const reason =
    risk === 'destruction' ? 'It may overwrite or delete what is on the other side.' : 'It sends to another machine.';
  return [finding(risk, 'git push', reason)];
};

const checkout: SubJudge = (words) => {
  const throwsAway =
    words.texts.some((text) => text === '--' || text === '.' || text === null) ||
    has(words, /^(-[a-zA-Z]*f|--force|-B|--ours|--theirs|-p|--patch)/);
  return [
    finding(
      throwsAway ? 'destruction' : 'changing',
      'git checkout',
      throwsAway ? 'It throws changes away.' : 'It changes files.',
    ),
  ];
};

const remote: SubJudge = (words) => {
  const [verb] = operandsOf(words);
  if (verb === undefined || verb === 'get-url') return [];
  if (verb === 'show' || verb === 'update' || verb === 'prune')
    return [finding('network', 'git remote', 'It talks to another machine.')];
  return [finding('privilege', 'git remote', 'It changes whom git talks to.')];
};

const stash: SubJudge = (words) => {
  // An option may take what follows it.
  const [verb] = words.texts;
  if (verb === 'list' || verb === 'show') return judgeReading('stash', words);
  const destroys = verb === 'drop' || verb === 'clear';
  return [
    finding(
      destroys ? 'destruction' : 'changing',
      'git stash',
      destroys ? 'It throws work away.' : 'It changes files.',
    ),
  ];
};

const harmlessKeys =
  /^(user\.(name|email)|color\..*|branch\.[^.]+\.(description|rebase)|pull\.(rebase|ff)|push\.(default|autosetupremote)|fetch\.prune|merge\.(ff|conflictstyle)|init\.defaultbranch|commit\.verbose|advice\..*)$/;

const config: SubJudge = (words) => {
  const reads =
    /^(--get(-all|-regexp|-urlmatch)?|-l|--list|--name-only|--show-origin|--show-scope|--local|--global|--system|-z|--null|--type=\w+|--includes)$/;
  const options = optionsOf(words);
  const [first, ...rest] = operandsOf(words);
  const isKnown = !words.texts.includes(null) && options.every((option) => reads.test(option));
  const asksOnly =
    options.some((option) => /^(--get|-l|--list)/.test(option)) ||
    first === 'list' ||
    first === 'get' ||
    (rest.length === 0 && (first === undefined || (first ?? '').includes('.')));
  if (isKnown && asksOnly) return [];
  const isHarmless =
    isKnown &&
    typeof first === 'string' &&
    harmlessKeys.test(first.toLowerCase()) &&
    !options.some((option) => /global|system/.test(option));
  return [
    finding(isHarmless ? 'changing' : 'privilege', 'git config', 'Settings of git decide which programs it runs.'),
  ];
};

const verbs =
  (sub: string, readingVerbs: RegExp, otherwise: SubJudge): SubJudge =>
  (words) => {
    // An option before it may take what looks like one.
    const [verb] = words.texts;
    return typeof verb === 'string' && readingVerbs.test(verb) ? judgeReading(sub, words) : otherwise(words);
  };

const forms: Readonly<Record<string, SubJudge>> = {
  branch,
  checkout,
  config,
  push,
  remote,
  stash,
  tag: (words) =>
    has(words, /^(-d|--delete|-f|--force)/)
      ? [finding('destruction', 'git tag', 'It deletes or moves a tag.')]
      : words.texts.every((text) => text !== null && /^--(sort|format)=/.test(text)) ||
          // What lists may be taken back.
          (!has(words, /^--no-(?!contains|merged|column|color)/) &&
            /^(-l|-n\d*$|--(list|contains|no-contains|points-at|merged|no-merged)(=|$))/.test(words.texts[0] ?? ''))
        ? judgeReading('tag', words)
        : [finding('changing', 'git tag', 'It makes a tag.')],
  reset: destroysIf('reset', /^--(hard|merge|keep)/),
  restore: (words) => [
    has(words, /^(-S|--staged)$/) && !has(words, /^(-W|--worktree)$/)
      ? finding('changing', 'git restore', 'It changes what is staged.')
      : finding('destruction', 'git restore', 'It throws changes away.'),
  ],
  rm: destroysIf('rm', /^(-[a-zA-Z]*[rf]|--force)/),
  switch: destroysIf('switch', /^(-f|--force|--discard-changes|-C|--force-create)/),
  clean: (words) =>
    words.texts.some((text) => /^(-[a-zA-Z]*n|--dry-run$)/.test(text ?? '')) &&
    words.texts.every((text) => text !== null && /^(-[dfnqxX]+$|--(dry-run|force|quiet)$|[^-])/.test(text))
      ? []
      : [finding('destruction', 'git clean', 'It deletes files that are not in git.')],
  reflog: verbs('reflog', /^(show|exists|HEAD.*)$/, (words) =>
    words.texts.every((text) => text !== null && /^(-n\d*|-?\d+|--date=\w+|--all)$/.test(text))
      ? []
      : [finding('destruction', 'git reflog', 'It may remove what could be restored.')],
  ),
  worktree: verbs('worktree', /^list$/, destroysIf('worktree', /^(-f|--force)/)),
  submodule: verbs('submodule', /^(status|summary)$/, (words) => [
    finding(
      words.texts.includes('foreach') ? 'unknown' : 'network',
      'git submodule',
      'It gets other repositories, or runs a program.',
    ),
  ]),
  lfs: verbs('lfs', /^(ls-files|status|env)$/, () => [finding('network', 'git lfs', 'It talks to another machine.')]),
  notes: verbs('notes', /^(list|show)$/, () => [finding('changing', 'git notes', 'It changes notes.')]),
  // `view` runs whatever command of git follows it.
  bisect: verbs('bisect', /^log$/, (words) => [
    finding(words.texts.includes('run') ? 'unknown' : 'changing', 'git bisect', 'It changes files, or runs a program.'),
  ]),
  rebase: (words) => [
    finding(has(words, /^(-x|--exec|-i|--interactive)/) ? 'unknown' : 'changing', 'git rebase', 'It rewrites commits.'),
  ],
  'symbolic-ref': listing('symbolic-ref', /^(HEAD|--short|-q)$/),
  fsck: listing('fsck', /^--(full|no-progress|connectivity-only)$/),
  help: listing('help', /^([a-z][a-z-]*|-a|-g|--all|--guides)$/, 'unknown'),
};
