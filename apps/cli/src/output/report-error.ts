/** Prints a failure on stderr and tells the exit code that belongs to it. */
import { CommandError, type FailureFacts } from './command-error.ts';
import type { Output } from './output.ts';
import { printable, printableLines, toJson } from './printable.ts';

/** Returns the exit code. */
export const reportError = async (error: unknown, output: Output): Promise<number> => {
  const failure = await describeError(error);
  if (output.isJson) output.remark(toJson({ error: { ...failure.extra, ...jsonFacts(failure) } }));
  else for (const line of humanLines(failure, output)) output.remark(line);
  return failure.exitCode;
};

interface Failure extends FailureFacts {
  message: string;
  field?: string | undefined;
  extra?: Record<string, unknown> | undefined;
}

export const describeError = async (error: unknown): Promise<Failure> => {
  if (error instanceof CommandError) return { message: error.message, ...error.facts };
  if (error instanceof Error && error.name === 'NavisError') {
    // Loaded already by whoever threw it; the commands that never do so start without its schemas (S1).
    const { errorTable, NavisError } = await import('@navisai/protocol');
    if (error instanceof NavisError) {
      const { code, message, field, details } = error;
      return { code, message, field, extra: details, exitCode: errorTable[code].exit };
    }
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `navisai itself failed: ${message}`, exitCode: 1 };
};

const jsonFacts = ({ code, message, affects, remedy, field }: Failure): Record<string, unknown> => ({
  code,
  message,
  ...(field === undefined ? {} : { field }),
  ...(affects === undefined ? {} : { affects }),
  ...(remedy === undefined ? {} : { remedy }),
});

const humanLines = (failure: Failure, { errorColors }: Output): string[] => {
  const [first = '', ...others] = printableLines(failure.message).split('\n');
  const remedies = failure.remedy === undefined ? [] : failure.remedy.split('\n');
  return [
    `${errorColors.red('navisai:')} ${first}`,
    ...others.map((line) => `  ${line}`),
    ...(failure.affects === undefined ? [] : [`  ${printable(failure.affects)}`]),
    ...remedies.map((line) => `  ${errorColors.cyan('→')} ${printable(line)}`),
  ];
};
