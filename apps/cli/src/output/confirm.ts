/** The question before something is removed for good. */
import { createInterface } from 'node:readline/promises';
import { usageError } from './command-error.ts';
import type { Output } from './output.ts';

export interface Confirmation {
  /** What will happen, in a sentence. */
  warning: string;
  question: string;
  /** The command that does not ask. */
  remedy: string;
}

/** Throws a usage error where nobody can be asked. */
export const confirm = async ({ warning, question, remedy }: Confirmation, output: Output): Promise<boolean> => {
  if (process.stdin.isTTY !== true || output.isJson) throw usageError(`This asks first: ${warning}`, remedy);
  output.remark(warning);
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  return /^\s*y(es)?\s*$/i.test(await prompt.question(`${question} [y/N] `));
};
