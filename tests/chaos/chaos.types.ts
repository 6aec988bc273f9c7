/** What a chaos run is asked for, and what it tells. */

export interface ChaosOptions {
  seed: number;
  faults: number;
  nodes: number;
  /** Told of every fault and of the progress. */
  log(line: string): void;
}

export interface ChaosReport {
  seed: number;
  /** How often each kind of fault was made. */
  faults: Record<string, number>;
  commands: { asked: number; succeeded: number; refused: number };
  inputs: { asked: number; accepted: number };
  /** Bytes of terminals that were compared with what the programs wrote. */
  streamedBytes: number;
  /** Everything that must not have happened, in words; empty when all is well. */
  violations: string[];
}
