/** The setting `bridge` of `config.json`: what makes a hub take connections from the bridge and publish its name. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeFiles, readCliConfig } from '../hub/home.ts';

const usualPort = 443;

/** Rejects with a CommandError for a file that is no configuration. */
export const readBridgeSetting = async (home: string): Promise<Record<string, unknown> | undefined> => {
  const { bridge } = await readContent(home);
  return typeof bridge === 'object' && bridge !== null ? (bridge as Record<string, unknown>) : undefined;
};

/** Whether something had to be changed. Everything else in the file stays. */
export const writeBridgeSetting = async (home: string, publicPort: number): Promise<boolean> => {
  const content = await readContent(home);
  const present = await readBridgeSetting(home);
  if (present !== undefined && (present.publicPort ?? usualPort) === publicPort) return false;
  const { publicPort: _old, ...others } = present ?? {};
  const bridge = publicPort === usualPort ? others : { ...others, publicPort };
  write(home, { ...content, bridge });
  return true;
};

/** A file that holds nothing else goes too. */
export const removeBridgeSetting = async (home: string): Promise<boolean> => {
  const { bridge, ...others } = await readContent(home);
  if (bridge === undefined) return false;
  if (Object.keys(others).length === 0) rmSync(join(home, homeFiles.config), { force: true });
  else write(home, others);
  return true;
};

const readContent = async (home: string): Promise<Record<string, unknown>> => {
  // Judges the file, and says what is wrong with it.
  await readCliConfig(home);
  try {
    return JSON.parse(readFileSync(join(home, homeFiles.config), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
};

const write = (home: string, content: Record<string, unknown>): void => {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, homeFiles.config);
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
};
