/** Where the hub takes the bridge's connections: as it told when it started, else as it is configured. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The port beside the hub's own. */
export const defaultTarget = 47_622;

/** Read for every connection: a hub that was restarted elsewhere is found at once. */
export const findHub = async (home: string): Promise<number> => {
  const told = portIn(await readJson(join(home, 'run', 'daemon.json')), 'bridgePort');
  if (told !== undefined) return told;
  const config = await readJson(join(home, 'config.json'));
  return portIn(isRecord(config) ? config.bridge : undefined, 'port') ?? defaultTarget;
};

const portIn = (value: unknown, key: string): number | undefined => {
  const port = isRecord(value) ? value[key] : undefined;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
};
