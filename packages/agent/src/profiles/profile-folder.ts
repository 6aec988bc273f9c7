/** Reads one profile from its folder: `profile.json` beside `system_prompt.txt` (P1, P4). */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Profile, type ProfileInfo, profileSchema } from '@navisai/protocol';
import { z } from 'zod';

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
}

/** Never rejects: what is wrong with a profile is a value. Links are not followed, so that nothing outside is read. */
export const readProfileFolder = async ({ path, id, source }: ProfileFolder): Promise<ProfileReading> => {
  const problem = (file: string, message: string): ProfileReading => ({
    kind: 'problem',
    problem: { id, file: join(path, file), message },
  });
  if (!(await isFolder(path))) return problem('', 'is a link or no folder; a profile is a folder of its own');
  const settings = await readBounded(join(path, profileFile), maxProfileBytes);
  if (settings.kind === 'problem') return problem(profileFile, settings.message);
  const parsed = parseProfile(settings.text);
  if (typeof parsed === 'string') return problem(profileFile, parsed);
  if (parsed.id !== id)
    return problem(
      profileFile,
      `its id is ${JSON.stringify(parsed.id)}, but its folder is ${JSON.stringify(id)}; both must be the same`,
    );
  const prompt = await readBounded(join(path, promptFile), maxPromptBytes);
  if (prompt.kind === 'problem') return problem(promptFile, prompt.message);
  if (prompt.text.trim() === '') return problem(promptFile, 'is empty');
  return { kind: 'loaded', loaded: { profile: parsed, systemPrompt: prompt.text, source } };
};

/** The profile, or what is wrong with it. `$schema` may name the published schema, for editors. */
export const parseProfile = (text: string): Profile | string => {
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
  return parsed.success ? parsed.data : z.prettifyError(parsed.error).slice(0, 2000);
};

const isFolder = async (path: string): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

type BoundedText = { kind: 'text'; text: string } | { kind: 'problem'; message: string };

const readBounded = async (path: string, maxBytes: number): Promise<BoundedText> => {
  try {
    // Not blocking, so that a pipe of that name holds nobody up.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return { kind: 'problem', message: 'is no file' };
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    if (bytesRead > maxBytes) return { kind: 'problem', message: `is larger than ${maxBytes / 1024} KiB` };
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead)) };
  } catch (error) {
    return { kind: 'problem', message: describeFailure(error) };
  }
};

const describeFailure = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'is missing';
  if (code === 'ELOOP') return 'is a link; links are not followed';
  if (code === 'EACCES') return 'cannot be read by the hub';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no UTF-8 text';
  return `cannot be read (${code === '' ? String(error) : code})`;
};
