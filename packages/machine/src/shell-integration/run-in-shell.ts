/** Runs one command in a shell that waits at its prompt in an open terminal (T24). */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { executionOf } from './shell-process.ts';
import { inspectShell } from './shell-prompt.ts';
import type { Shell } from './shell-prompt.ts';
import { ShellRun } from './shell-run.ts';
import { commandScripts } from './shell-scripts.ts';
import type { RunInShellRequest, ShellRunOutcome } from './shell-run.types.ts';
import { TerminalWatch } from './terminal-watch.ts';

/** How long a shell that starts, or that has just ended a command, may take to show its prompt. */
const promptPatienceMs = { starting: 5000, otherwise: 400 } as const;
const startingMs = 10_000;
/** After its opening a terminal runs what is to become the shell, through a sandbox as the case may be. */
const becomingMs = 2000;
const promptPollMs = 25;
const beginDeadlineMs = 3000;
/** After the script was taken away: whoever had opened it by then shows the mark within this time. */
const lateBeginMs = 300;

/** Rejects with TERMINAL_BUSY or NOT_A_SHELL when the command was not started. */
export const runInShell = async (request: RunInShellRequest): Promise<ShellRunOutcome> => {
  const first = await attempt(request, request.isLineDirty);
  // A shell at a prompt that does not take the line is in the middle of a longer command: that is dropped.
  const outcome = first ?? (await attempt(request, true));
  if (outcome === null)
    throw new NavisError('TERMINAL_BUSY', 'The shell in this terminal did not take the command. Nothing was started.');
  return outcome;
};

/** `null` when the shell did not begin with the command; it never will then. */
const attempt = async (request: RunInShellRequest, mustClear: boolean): Promise<ShellRunOutcome | null> => {
  const { hosts, scripts: folder, terminalId } = request;
  let shell = await shellAtPrompt(request);
  if (mustClear) {
    await hosts.write(terminalId, Buffer.from('\x03'));
    await delay(promptPollMs);
    shell = await shellAtPrompt(request);
  }
  const nonce = randomBytes(16).toString('hex');
  const path = await folder.newPath();
  const scripts = commandScripts({ kind: shell.kind, nonce, path, command: request.command });
  await folder.write(scripts);
  try {
    const from = hosts.get(terminalId)?.endOffset ?? 0;
    using watch = new TerminalWatch(hosts, { terminalId, from, nonce });
    const execution = await executionOf(shell.pid);
    const takeAway = (): Promise<void> => folder.remove(scripts);
    if (!(await isTaken(request, { watch, typed: scripts.typed, takeAway }))) return null;
    // Only the command itself may stay: its shell may not have opened it yet.
    await folder.remove({ typed: '', files: scripts.files.slice(0, 1) });
    return await new ShellRun({ ...request, watch, shell, execution, scriptPath: path }).outcome();
  } finally {
    await folder.remove(scripts);
  }
};

const shellAtPrompt = async ({ hosts, table, terminalId }: RunInShellRequest): Promise<Shell> => {
  const record = hosts.get(terminalId);
  if (record === undefined || record.exit !== null) throw new NavisError('TERMINAL_EXITED');
  const ageMs = (): number => Date.now() - Date.parse(record.startedAt);
  const isStarting = ageMs() < startingMs;
  const patienceMs = isStarting ? promptPatienceMs.starting : promptPatienceMs.otherwise;
  const startedAt = performance.now();
  let lastWorkingAt = startedAt;
  for (;;) {
    const found = await inspectShell(record.pid, table);
    if (found.state === 'prompt') return found.shell;
    const now = performance.now();
    // A program in the foreground may be what makes a shell's prompt; what is no shell yet may be about to become one.
    if (found.state === 'working' || (found.state === 'notAShell' && ageMs() < becomingMs)) lastWorkingAt = now;
    if (now - startedAt > patienceMs || now - lastWorkingAt > promptPatienceMs.otherwise)
      throw new NavisError(found.state === 'notAShell' ? 'NOT_A_SHELL' : 'TERMINAL_BUSY');
    await delay(promptPollMs);
  }
};

interface TypedLine {
  watch: TerminalWatch;
  typed: string;
  takeAway: () => Promise<void>;
}

/** Whether the shell begins with the command; if not, the script is taken away, so that it never will. */
const isTaken = async (request: RunInShellRequest, { watch, typed, takeAway }: TypedLine): Promise<boolean> => {
  const hasBegun = (): boolean => watch.marks.begin !== null || watch.exit !== null;
  if ((await mayHaveTyped(request, typed)) && (await watch.until(hasBegun, beginDeadlineMs))) return true;
  await takeAway();
  return watch.until(hasBegun, lateBeginMs);
};

/** Also when the host gave no answer: the shell may have got the line, and its marks or its end tell what became of it. */
const mayHaveTyped = async ({ hosts, terminalId }: RunInShellRequest, typed: string): Promise<boolean> => {
  const bytes = Buffer.from(typed);
  try {
    return (await hosts.write(terminalId, bytes, { deadlineMs: beginDeadlineMs })).acceptedBytes === bytes.length;
  } catch (error) {
    if (error instanceof NavisError && error.code === 'HOST_UNAVAILABLE') return true;
    throw error;
  }
};
