/** Text that a command takes from its words, from stdin (`-`) or from a file (`@file`). */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { usageError } from './command-error.ts';

/** The hub refuses larger bodies (8 MiB). */
const maxInputBytes = 8 * 1024 * 1024;

/** The text itself, unless it is `-` or begins with `@`. */
export const readTextInput = async (given: string, shown: string): Promise<string> => {
  if (given === '-') return readStream(process.stdin, shown);
  return given.startsWith('@') ? readFileInput(given.slice(1), shown) : given;
};

export const readStream = async (stream: Readable, shown: string): Promise<string> => {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > maxInputBytes) throw tooLarge(shown);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const readFileInput = async (path: string, shown: string): Promise<string> => {
  try {
    await using file = await open(path, 'r');
    return await readStream(file.createReadStream({ autoClose: false }), shown);
  } catch (error) {
    if (error instanceof Error && error.name === 'CommandError') throw error;
    throw usageError(`${shown}: the file ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
};

const tooLarge = (shown: string) =>
  usageError(`${shown} is too large: more than ${maxInputBytes / 1024 / 1024} MiB are not taken.`);
