/** The throw-away surroundings of everything that tests start, and the search for what they left running. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Leftover {
  pid: number;
  command: string;
}

export interface Surroundings extends Disposable {
  environment: NodeJS.ProcessEnv;
  /** Waits a moment for processes to end, ends the others by force and names them. */
  endLeftovers: () => Promise<Leftover[]>;
  /** The same at once, for a check that is being interrupted. */
  killLeftovers: () => Leftover[];
}

const markerName = 'NAVIS_CHECK_RUN';
const graceMs = 10_000;
const pollMs = 100;

export function createSurroundings(root: string): Surroundings {
  // Short: socket paths below it must stay under 104 characters.
  const folder = mkdtempSync(join(tmpdir(), 'nv-'));
  const marker = randomBytes(8).toString('hex');
  mkdirSync(join(folder, 'home'), { mode: 0o700 });
  const find = (): Leftover[] => listProcesses().filter((found) => isOurs(found, marker, folder));
  const kill = (): Leftover[] => {
    const leftovers = find();
    for (const { pid } of leftovers) killProcess(pid);
    return leftovers;
  };
  return {
    environment: environmentOf({ root, folder, marker }),
    killLeftovers: kill,
    async endLeftovers() {
      const deadline = performance.now() + graceMs;
      while (find().length > 0 && performance.now() < deadline) await wait(pollMs);
      return kill();
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function environmentOf({ root, folder, marker }: { root: string; folder: string; marker: string }): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    // The outer npm's own settings would lead an npm inside a test to this repository.
    if (!/^(npm_|NAVIS_|NODE_API_KEY|XDG_|TERMINAL_ALLOWED|INIT_CWD)/i.test(name)) environment[name] = value;
  }
  return {
    ...environment,
    [markerName]: marker,
    HOME: join(folder, 'home'),
    TMPDIR: folder,
    PATH: [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    NODE_COMPILE_CACHE: join(root, '.cache', 'compile'),
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
    npm_config_update_notifier: 'false',
  };
}

interface RunningProcess extends Leftover {
  surroundings: string;
}

function isOurs(found: RunningProcess, marker: string, folder: string): boolean {
  if (found.pid === process.pid) return false;
  // Terminals start from the person's login environment, without the marker: their HOME tells them.
  return [`${markerName}=${marker}`, folder].some((sign) => `${found.surroundings}\0${found.command}`.includes(sign));
}

function listProcesses(): RunningProcess[] {
  return existsSync('/proc/self/environ') ? listFromProc() : listFromPs();
}

function listFromProc(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const surroundings = `${readFileSync(`/proc/${name}/environ`, 'utf8')}\0${readlinkSync(`/proc/${name}/cwd`)}`;
        return [{ pid: Number(name), command, surroundings }];
      } catch {
        return []; // Ended meanwhile, or somebody else's.
      }
    });
}

function listFromPs(): RunningProcess[] {
  const { stdout } = spawnSync('ps', ['-axwwE', '-o', 'pid=,command='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command, surroundings: '' }];
  });
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended meanwhile.
  }
}
