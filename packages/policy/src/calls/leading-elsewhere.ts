/** Words after the beginning that a grant names, by which a program takes what it runs from elsewhere (A2). */
import { contains, isPlaced, normalPath } from '../directories.ts';

/** Every further word of theirs is another thing to run, or sets what their recipes hold. */
const runsRecipes = /^(make|gmake|just|task|rake|ant|gradle|mvn|bazel|ninja|sbt|lein)$/;

/** They only say how much is told, how many work at once, or whether anything is done. */
const harmlessForRecipes =
  /^(-[Biknq]+|-j\d*|-l\d+|--(always-make|keep-going|just-print|dry-run|question|silent|quiet|trace|no-print-directory|list|offline|no-daemon|continue|stacktrace|(jobs|output-sync|color|console|parallel)(=\w+)?))$/;

const runsProjects =
  /^(npm|cnpm|npx|yarn|pnpm|pnpx|bun|bunx|cargo|go|bundle|poetry|uv|uvx|tox|nox|pytest|jest|vitest|mocha|playwright|eslint|prettier|oxlint|biome|black|ruff|isort|flake8|mypy|tsc|esbuild|vite|webpack|rollup|cmake|meson|gcc|g\+\+|cc|c\+\+|clang|clang\+\+|rustc|javac)$/;

const namesWhatRuns =
  /^--?([\w-]*(config|rc-?file|file|dir|root|cwd|prefix|path|script|shell|exec|eval|command|call|require|import|load|plugin|rule|report|format|runner|setup|transform|preset|parser|manifest|settings|init|env|node-|options|args|flags|specs|wrapper|override|overlay|hook|tool|registry|index|package|source|agent|extension)|with$|with[-=]|ui$)/i;

/** Short options by which they do so, where these are not those of most. */
const shortOptions: readonly [RegExp, RegExp][] = [
  [/^cargo$/, /^-[CZ]/],
  [/^(npm|cnpm|yarn|pnpm|bun)$/, /^-[BcCfIoPrZ]/],
  [/^(go|javac|gcc|g\+\+|cc|c\+\+|clang|clang\+\+)$/, /^-([BCxX]|J|Wl,|Wp,|Wa,)/],
  [/^/, /^-[BcCDfIopPrZ]/],
];

/** What it does is written in the directory where it runs. */
export const isLedByDirectory = (program: string): boolean => runsRecipes.test(program) || runsProjects.test(program);

export interface GrantedWords {
  program: string;
  /** What the grant names after the program. */
  named: readonly string[];
  following: readonly string[];
  workingDirectory: string | null;
}

export const leadsElsewhere = ({ program, named, following, workingDirectory }: GrantedWords): boolean => {
  const isElsewhere = (word: string): boolean => isOutside(word.replace(/^-[^=]*=/s, ''), workingDirectory);
  if (runsRecipes.test(program))
    return following.some((word) =>
      word.startsWith('-')
        ? !harmlessForRecipes.test(word)
        : named.length > 0 || word.includes('=') || isElsewhere(word),
    );
  if (!runsProjects.test(program)) return false;
  const short = shortOptions.find(([programs]) => programs.test(program))?.[1];
  return following.some((word) => namesWhatRuns.test(word) || short?.test(word) === true || isElsewhere(word));
};

const isOutside = (path: string, workingDirectory: string | null): boolean => {
  if (/(^|\/)\.\.(\/|$)/.test(path)) return true;
  if (!isPlaced(path)) return false;
  return workingDirectory === null || !contains(normalPath(workingDirectory, '/~'), normalPath(path, '/~'));
};
