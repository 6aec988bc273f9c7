/** One thing that `navisai doctor` looks at, and what it found. */
import type { Environment } from '../environment.ts';
import type { HubCondition } from '../hub/locate.ts';

export interface Finding {
  /** Such as `home folder`. */
  check: string;
  /** A `warning` is worth knowing; with a `problem` something does not work. */
  state: 'ok' | 'warning' | 'problem';
  /** What was found. */
  message: string;
  /** What to do. */
  remedy?: string | undefined;
}

export interface Surroundings {
  environment: Environment;
  /** `undefined` when it cannot be told, because the configuration is unusable. */
  condition: HubCondition | undefined;
}

/** Never throws: what cannot be found out is a finding. */
export type Check = (surroundings: Surroundings) => Promise<Finding[]>;
