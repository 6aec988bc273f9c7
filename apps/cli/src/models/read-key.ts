/** The key of a model provider: from stdin, from `NAVIS_MODEL_KEY`, or typed unseen; never from the words of a command. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { modelKey } from '../environment.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { readStream } from '../output/text-input.ts';

const maxKeyLength = 1000;

export interface KeyRequest {
  /** Of the provider. */
  name: string;
  fromStdin: boolean;
  /** Ask for one where a person can be asked. */
  isWanted: boolean;
}

/** `undefined` where none was given. Throws a usage error for what cannot be a key. */
export const readKey = async (
  { name, fromStdin, isWanted }: KeyRequest,
  output: Output,
): Promise<string | undefined> => {
  if (fromStdin) return requireKey(await readStream(process.stdin, '--key-stdin'), '--key-stdin');
  const given = modelKey();
  if (given !== undefined) return requireKey(given, 'NAVIS_MODEL_KEY');
  if (!isWanted) return undefined;
  if (process.stdin.isTTY !== true || output.isJson)
    throw usageError(
      `The provider ${name} needs a key.`,
      `navisai models add ${name} --key-stdin < file, or set NAVIS_MODEL_KEY`,
    );
  return requireKey(await askUnseen(`Key of ${name} (not shown): `), 'The key');
};

const requireKey = (given: string, shown: string): string => {
  const key = given.trim();
  if (key === '') throw usageError(`${shown} is empty.`);
  if (key.length > maxKeyLength || !/^[\x21-\x7e]+$/.test(key))
    throw usageError(`${shown} is no key: one line of up to ${maxKeyLength} visible characters is.`);
  return key;
};

const askUnseen = async (text: string): Promise<string> => {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    using prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    // Only now: what is typed from here on is not echoed.
    process.stderr.write(text);
    return await prompt.question('');
  } finally {
    process.stderr.write('\n');
  }
};
