/** Medians, percentiles and interleaved rounds. */

export const percentile = (values: readonly number[], fraction: number): number => {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds that `work` takes. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/**
 * Runs every contender once per round, in turn, so that a slow moment of the machine hits all alike.
 * `samples` calls are made per round and contender; the first round is warm-up and is dropped.
 */
export const interleave = async (
  contenders: Readonly<Record<string, (() => Promise<number>) | undefined>>,
  options: { rounds: number; samples: number },
): Promise<Record<string, number[]>> => {
  const results: Record<string, number[]> = {};
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      if (contender === undefined) continue;
      const values = (results[name] ??= []);
      for (let sample = 0; sample < options.samples; sample += 1) {
        const value = await contender();
        if (round > 0) values.push(value);
      }
    }
  }
  return results;
};

/** Exponent of growth when doubling `sizes` takes `costs`: the slope of log cost over log size. */
export const growthExponent = (sizes: readonly number[], costs: readonly number[]): number => {
  const x = sizes.map(Math.log);
  const y = costs.map((cost) => Math.log(Math.max(cost, 1e-6)));
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  const covariance = x.reduce((sum, value, index) => sum + (value - meanX) * ((y[index] ?? 0) - meanY), 0);
  return covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
};

/** Rejects with `what` after `deadlineMs`; every wait in the bench passes through here. */
export const within = async <T>(deadlineMs: number, what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
};
