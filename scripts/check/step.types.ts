/** What a step of the check command is. */

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, in one line each. */
  failures?: string[];
  /** To be shown below the step's name. */
  output?: string;
}

/** Of a run of tests, which shows itself. */
export type TestCounts = Required<Omit<Counts, 'output'>>;

export interface StepContext {
  /** The repository. */
  root: string;
  /** For everything that tests start: throw-away HOME and TMPDIR, marked so that leftovers are found. */
  environment: NodeJS.ProcessEnv;
  /** Further words of the command line, which narrow a step of tests. */
  filters: string[];
  /** Names of steps that failed before this one. */
  failedSteps: ReadonlySet<string>;
}

export interface Step {
  name: string;
  /** Steps that must run first, also when this one is asked for alone. */
  needs?: string[];
  /** It reads the sources alone, so it may run beside its neighbours. */
  isApart?: boolean;
  run: (context: StepContext) => Promise<Counts>;
}
