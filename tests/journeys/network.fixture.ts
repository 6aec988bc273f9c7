/** Machines in a network of their own: namespaces joined by a switch, each with an address, none with a way out. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface NetworkMachine {
  readonly name: string;
  /** As `ip netns` calls it. */
  readonly namespace: string;
  /** IPv4, of the network's own range. */
  readonly address: string;
  /** How a program is started inside it; the process keeps its PID. */
  wrap(file: string, args: readonly string[]): { file: string; args: string[] };
  start(file: string, args: readonly string[], options?: { env?: Record<string, string>; cwd?: string }): ChildProcess;
  /** Runs it to its end; rejects when it fails. */
  run(file: string, args: readonly string[], options?: { env?: Record<string, string> }): Promise<string>;
  /** What its `/etc/hosts` says, for programs that are started afterwards; gone with the network. */
  setHosts(addresses: Record<string, string>): Promise<void>;
  /** Pulls the cable, or puts it in again: nothing comes or goes, and nobody is told. */
  setCable(state: 'in' | 'out'): Promise<void>;
}

export interface Network extends AsyncDisposable {
  machine(name: string): NetworkMachine;
}

const runProgram = promisify(execFile);
const ip = async (...words: string[]): Promise<string> => (await runProgram('ip', words)).stdout;

/** Root and iproute2 are needed; elsewhere tests that need it are skipped, visibly. */
export const canMakeNetworks: boolean = (() => {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  const name = `nvc${randomBytes(3).toString('hex')}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Disposing it ends nothing that runs inside: tests end their own programs first. */
export const openNetwork = async (names: readonly string[]): Promise<Network> => {
  await using opened = new AsyncDisposableStack();
  const id = `nv${randomBytes(3).toString('hex')}`;
  const hub = `${id}-switch`;
  const addNamespace = async (namespace: string): Promise<void> => {
    await ip('netns', 'add', namespace);
    opened.defer(async () => {
      await ip('netns', 'delete', namespace);
      await rm(hostsFolder(namespace), { recursive: true, force: true });
    });
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  };
  await addNamespace(hub);
  await ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
  await ip('-n', hub, 'link', 'set', 'switch', 'up');
  const machines = new Map<string, NetworkMachine>();
  for (const [index, name] of names.entries()) {
    const namespace = `${id}-${name}`;
    const [port, address] = [`port${index}`, `10.213.7.${index + 10}`];
    await addNamespace(namespace);
    await ip('link', 'add', port, 'netns', hub, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await ip('-n', hub, 'link', 'set', port, 'master', 'switch', 'up');
    await ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    machines.set(name, createMachine({ name, namespace, address, port, hub }));
  }
  const kept = opened.move();
  return {
    machine(name) {
      const machine = machines.get(name);
      if (machine === undefined) throw new Error(`no machine ${name}`);
      return machine;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

const hostsFolder = (namespace: string): string => join('/etc/netns', namespace);

interface MachineFacts {
  name: string;
  namespace: string;
  address: string;
  /** Its port of the switch, and the namespace of that. */
  port: string;
  hub: string;
}

const createMachine = ({ name, namespace, address, port, hub }: MachineFacts): NetworkMachine => {
  const wrap = (file: string, args: readonly string[]) => ({
    file: 'ip',
    args: ['netns', 'exec', namespace, file, ...args],
  });
  return {
    name,
    namespace,
    address,
    wrap,
    start(file, args, options = {}) {
      const inside = wrap(file, args);
      return spawn(inside.file, inside.args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    },
    async run(file, args, options = {}) {
      const inside = wrap(file, args);
      return (await runProgram(inside.file, inside.args, options)).stdout;
    },
    // `ip netns exec` puts it in the place of the machine's own.
    async setHosts(addresses) {
      await mkdir(hostsFolder(namespace), { recursive: true });
      const lines = Object.entries(addresses).map(([host, target]) => `${target} ${host}\n`);
      await writeFile(join(hostsFolder(namespace), 'hosts'), ['127.0.0.1 localhost\n', ...lines].join(''));
    },
    // At the switch, so that the machine itself sees no lost carrier.
    setCable: async (state) =>
      void (await ip('-n', hub, 'link', 'set', port, ...(state === 'in' ? ['master', 'switch'] : ['nomaster']))),
  };
};
