/** `.env`: lines of `NAME=value`, of which a node takes only what is its own. */
import { parseEnv } from 'node:util';
import { NavisError } from '@navisai/protocol';
import { readFileIfThere } from '@navisai/service';

/** What a node understands; a project's `.env` in the same folder may hold anything else. */
export const ownNames = [
  'NODE_API_KEY',
  'NAVIS_HUB_URL',
  'NAVIS_NODE_TLS',
  'NAVIS_NODE_IDLE_SECONDS',
  'NAVIS_NODE_LOG_LEVEL',
  'NAVIS_NODE_PROJECT_ROOTS',
  'TERMINAL_ALLOWED_COMMANDS',
] as const;
export type OwnName = (typeof ownNames)[number];
export type OwnVariables = Partial<Record<OwnName, string>>;

const maxFileBytes = 64 * 1024;

/** Empty values count as absent: the template has them. TERMINAL_ALLOWED_COMMANDS means something when it is empty (T27). */
export const pickOwn = (variables: Readonly<Record<string, string | undefined>>): OwnVariables =>
  Object.fromEntries(
    ownNames
      .map((name): [OwnName, string | undefined] => [name, variables[name]])
      .filter(([name, value]) => value !== undefined && (value !== '' || name === 'TERMINAL_ALLOWED_COMMANDS')),
  );

/** Nothing when there is no such file. Throws NavisError INVALID_ARGUMENT when it cannot be read. */
export const readEnvironmentFile = (path: string): OwnVariables => {
  let text: string | undefined;
  try {
    text = readFileIfThere(path);
  } catch (error) {
    // A folder of that name, as build tools make them, is nobody's settings.
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return {};
    throw new NavisError('INVALID_ARGUMENT', `${path} cannot be read.`, { cause: error });
  }
  if (text === undefined) return {};
  if (text.length > maxFileBytes) throw new NavisError('INVALID_ARGUMENT', `${path} is larger than 64 KiB.`);
  return pickOwn(parseEnv(text));
};
