/** Reads one profile from its folder: `profile.json` beside `system_prompt.txt` (P1, P4). */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Profile, type ProfileInfo, profileSchema } from '@navisai/protocol';
import type { z } from 'zod';

export interface LoadedProfile {
  profile: Profile;
  systemPrompt: string;
  source: ProfileInfo['source'];
}

/** Why a profile cannot be used. */
export interface ProfileProblem {
  id: string;
  file: string;
  message: string;
}

export type ProfileReading = { kind: 'loaded'; loaded: LoadedProfile } | { kind: 'problem'; problem: ProfileProblem };

export const profileFile = 'profile.json';
export const promptFile = 'system_prompt.txt';
export const maxProfileBytes = 64 * 1024;
export const maxPromptBytes = 256 * 1024;

export interface ProfileFolder {
  /** Path of the folder, and its name: the id that the profile has to have. */
  path: string;
  id: string;
  source: ProfileInfo['source'];
  parse?: ParseProfile | undefined;
}

/**
 * Never throws: what is wrong with a profile is a value. Links are not followed, so that nothing outside is read. At once: a
 * few small files beside the store, before the first word of every run (L1).
 */
export const readProfileFolder = ({ path, id, source, parse = parseProfile }: ProfileFolder): ProfileReading => {
  const problem = (file: string, message: string): ProfileReading => ({
    kind: 'problem',
    problem: { id, file: join(path, file), message },
  });
  if (!isFolder(path)) return problem('', 'is a link or no folder; a profile is a folder of its own');
  const settings = readBounded(join(path, profileFile), maxProfileBytes);
  if (settings.kind === 'problem') return problem(profileFile, settings.message);
  const parsed = parse(settings.text);
  if (typeof parsed === 'string') return problem(profileFile, parsed);
  if (parsed.id !== id)
    return problem(
      profileFile,
      `its id is ${JSON.stringify(parsed.id)}, but its folder is ${JSON.stringify(id)}; both must be the same`,
    );
  const prompt = readBounded(join(path, promptFile), maxPromptBytes);
  if (prompt.kind === 'problem') return problem(promptFile, prompt.message);
  if (prompt.text.trim() === '') return problem(promptFile, 'is empty');
  return { kind: 'loaded', loaded: { profile: parsed, systemPrompt: prompt.text, source } };
};

export type ParseProfile = (text: string) => Profile | string;

/** Texts that are remembered; with more the next one begins anew. */
const maxKnownTexts = 100;

/** `parseProfile` that looks at a text once: most runs have the profile of the run before. */
export const createProfileParser = (): ParseProfile => {
  const known = new Map<string, Profile | string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const parsed = parseProfile(text);
    if (known.size >= maxKnownTexts) known.clear();
    known.set(text, parsed);
    return parsed;
  };
};

/** The profile, or what is wrong with it. `$schema` may name the published schema, for editors. */
export const parseProfile: ParseProfile = (text) => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return `is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof given === 'object' && given !== null && '$schema' in given) {
    const { $schema: _, ...rest } = given;
    given = rest;
  }
  const parsed = profileSchema.safeParse(given);
  return parsed.success ? parsed.data : inOneLine(parsed.error).slice(0, 2000);
};

/** Every problem with its field, such as `token_budget: too small: expected number to be >=1000`. */
const inOneLine = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => {
      const words = message.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
      return path.length === 0 ? words : `${path.join('.')}: ${words}`;
    })
    .join('; ');

const isFolder = (path: string): boolean => {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
};

type BoundedText = { kind: 'text'; text: string } | { kind: 'problem'; message: string };

const readBounded = (path: string, maxBytes: number): BoundedText => {
  let file: number | undefined;
  try {
    // Not blocking, so that a pipe of that name holds nobody up.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { kind: 'problem', message: 'is no file' };
    const bytes = readWhole(file, Math.min(stats.size, maxBytes) + 1, maxBytes + 1);
    if (bytes.length > maxBytes) return { kind: 'problem', message: `is larger than ${maxBytes / 1024} KiB` };
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return { kind: 'problem', message: describeFailure(error) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

/** Of a file that is longer than it said, `most` bytes. */
const readWhole = (file: number, expected: number, most: number): Buffer => {
  const buffer = Buffer.allocUnsafe(expected);
  let length = 0;
  for (let read = -1; read !== 0 && length < expected; length += read)
    read = readSync(file, buffer, length, expected - length, length);
  return length === expected && expected < most ? readWhole(file, most, most) : buffer.subarray(0, length);
};

const describeFailure = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'is missing';
  if (code === 'ELOOP') return 'is a link; links are not followed';
  if (code === 'EACCES') return 'cannot be read by the hub';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no UTF-8 text';
  return `cannot be read (${code === '' ? String(error) : code})`;
};
