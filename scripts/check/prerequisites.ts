/** Finds the programs that tests drive; as root installs the missing ones through apt. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from './run-program.ts';

/** Program → Debian package. */
const testPrograms = {
  vim: 'vim',
  htop: 'htop',
  less: 'less',
  python3: 'python3',
  ps: 'procps',
  tmux: 'tmux',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  bwrap: 'bubblewrap',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  ip: 'iproute2',
  systemctl: 'systemd',
  faketime: 'faketime',
  'dbus-daemon': 'dbus-daemon',
  'dbus-send': 'dbus-bin',
  'gnome-keyring-daemon': 'gnome-keyring',
  'secret-tool': 'libsecret-tools',
};
const browserPrograms = { chromium: 'chromium', certutil: 'libnss3-tools' };

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macBrowsers = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const deadlineMs = 10 * 60_000;

export interface Prerequisites {
  /** Absolute path, absent when browser tests cannot run. */
  chromium?: string;
  certutil?: string;
  /** Debian packages that are still missing. */
  missing: string[];
}

export async function providePrerequisites(): Promise<Prerequisites> {
  const before = findPrerequisites();
  const canInstall = process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
  if (before.missing.length === 0 || !canInstall) return before;
  console.log(`installing ${before.missing.join(', ')} through apt`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = async (words: string[]): Promise<boolean> => {
    const all = [...words, '-q', '-o', 'DPkg::Lock::Timeout=300'];
    const end = await runProgram({ file: 'apt-get', arguments: all, directory: '/', environment, deadlineMs });
    if (!end.isSuccess) console.log(`apt-get ${words.join(' ')}: ${end.reason}\n${end.output.trim()}`);
    return end.isSuccess;
  };
  await apt(['update']);
  const install = ['install', '-y', '--no-install-recommends'];
  // One unknown name refuses them all: the others are still worth having.
  if (!(await apt([...install, ...before.missing]))) {
    for (const name of before.missing) await apt([...install, name]);
  }
  return findPrerequisites();
}

export function findPrerequisites(): Prerequisites {
  const chromium = chromiumNames.map(findProgram).find(Boolean) ?? macBrowsers.find((path) => existsSync(path));
  const certutil = findProgram('certutil');
  const missing = Object.entries({ ...testPrograms, ...browserPrograms })
    .filter(([program]) => (program === 'chromium' ? chromium === undefined : findProgram(program) === undefined))
    .map(([, name]) => name);
  return { ...(chromium && { chromium }), ...(certutil && { certutil }), missing };
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
