/** One thing that `navisai setup` does, shows beforehand, undoes and proves. */

export type StepState =
  | 'done'
  /** It was so before. */
  | 'already'
  /** Not possible here; `remedy` says what a person can do. */
  | 'open'
  | 'failed';

export interface StepOutcome {
  step: string;
  state: StepState;
  detail: string;
  remedy?: string | undefined;
}

export interface SetupStep {
  name: string;
  /** What will be done, one line each, with every path that is touched. */
  plan: readonly string[];
  /** What removing it does. */
  undo: readonly string[];
  /** Neither throws for what a person can mend: that is an outcome. */
  apply(): Promise<StepOutcome>;
  remove(): Promise<StepOutcome>;
}
