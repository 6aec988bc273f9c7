/** What a bench row is and what it tells. */

/** One measured thing: ours beside its peer and the bare limit, all from the same run. */
export interface Figure {
  what: string;
  unit: 'ms' | 'MB/s' | 'MB' | 'KB' | 'bytes' | 'rows/s' | 'exponent' | '%' | 'lines';
  ours: number;
  /** Peers and limits by name, measured interleaved with ours. */
  peers: Record<string, number>;
  /** What must hold, in words and as a judgement; `null` where this run could not measure the peer. */
  goal: string;
  met: boolean | null;
}

export interface BenchContext {
  /** Rounds of which the median is taken; at least 5. */
  rounds: number;
  log(line: string): void;
}

export interface BenchRow {
  id: string;
  what: string;
  run(context: BenchContext): Promise<Figure[]>;
}
