export interface ProgramRun {
  file: string;
  arguments: string[];
  directory: string;
  environment?: NodeJS.ProcessEnv;
  /** Shown as it comes instead of being captured. */
  isLive?: boolean;
  deadlineMs: number;
}
export interface ProgramEnd {
  isSuccess: boolean;
  /** Standard output and error in one, empty when shown live. */
  output: string;
  /** Such as `exit code 1`, for people. */
  reason: string;
}
export declare function runProgram(run: ProgramRun): Promise<ProgramEnd>;
