/** A real ACP agent from the registry, kept beside the checkout's packages: `undefined` where it cannot be had. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const version = '1.18.33';
const folder = fileURLToPath(new URL(`../../node_modules/.cache/navis-agents/opencode-${version}/`, import.meta.url));
const installDeadlineMs = 240_000;

/** The program `opencode`. It is large, so only the tests that need it install it. */
export const findOpencode = async (): Promise<string | undefined> => {
  const program = `${folder}node_modules/.bin/opencode`;
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}package.json`, JSON.stringify({ private: true, dependencies: { 'opencode-ai': version } }));
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefix', folder];
  try {
    await promisify(execFile)('npm', args, { timeout: installDeadlineMs });
  } catch (error) {
    console.warn(`opencode ${version} cannot be installed here: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  return existsSync(program) ? program : undefined;
};

/** Its configuration in the directory that it works in: a scripted model, and questions before it acts. */
export const configureOpencode = (directory: string, baseURL: string): void => {
  mkdirSync(directory, { recursive: true });
  const options = { baseURL, apiKey: 'none' };
  const provider = { test: { npm: '@ai-sdk/openai-compatible', name: 'test', options, models: { m: { name: 'm' } } } };
  const permission = { bash: 'ask', edit: 'ask' };
  const config = {
    $schema: 'https://opencode.ai/config.json',
    model: 'test/m',
    small_model: 'test/m',
    provider,
    permission,
    autoupdate: false,
    share: 'disabled',
  };
  writeFileSync(`${directory}/opencode.json`, JSON.stringify(config));
};
