/** Watches a command that has begun in an open shell until it ends, in whatever way it does (T24). */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { isAlive } from '../process-tree.ts';
import { executionOf } from './shell-process.ts';
import { inspectShell } from './shell-prompt.ts';
import type { Shell, ShellState } from './shell-prompt.ts';
import type { RunInShellRequest, ShellRunOutcome } from './shell-run.types.ts';
import { statusScripts } from './shell-scripts.ts';
import type { ShellScripts } from './shell-scripts.ts';
import { TerminalWatch } from './terminal-watch.ts';

export interface BegunRun extends RunInShellRequest {
  watch: TerminalWatch;
  shell: Shell;
  /** What the shell's process executed when it took the command. */
  execution: string | null;
  scriptPath: string;
}

/** The shell is looked at when the end mark is late: soon at first, then ever more rarely. */
const lookMs = { first: 250, last: 2000 } as const;
/** The mark may be on its way when the prompt is seen. */
const settleMs = 60;
const statusDeadlineMs = 2000;
/** How long the parent of a shell that has ended may take to come back to its prompt. */
const parentPromptMs = 500;
/** From the end of a terminal's own program, or the loss of its host, to the word of it. */
const exitWordMs = 5000;
/** Builtins that read a line or a key look the same as a prompt; nothing may be typed into them. */
const lineReaders = /\b(read|vared|select)\b/;
/** What is sent to the job in the foreground after a timeout, and how long each may take. */
const endingSteps: readonly { signal: NodeJS.Signals; waitMs: number }[] = [
  { signal: 'SIGINT', waitMs: 1000 },
  { signal: 'SIGTERM', waitMs: 1500 },
  { signal: 'SIGKILL', waitMs: 700 },
  { signal: 'SIGINT', waitMs: 500 },
  { signal: 'SIGKILL', waitMs: 500 },
  { signal: 'SIGINT', waitMs: 500 },
];

export class ShellRun {
  readonly #run: BegunRun;
  readonly #startedAt = performance.now();

  constructor(run: BegunRun) {
    this.#run = run;
  }

  async outcome(): Promise<ShellRunOutcome> {
    const { watch, signal, timeoutMs } = this.#run;
    let lookAfterMs: number = lookMs.first;
    for (;;) {
      const remainingMs = timeoutMs - (performance.now() - this.#startedAt);
      await watch.until(() => this.#hasMarkedEnd() || this.#showsPrompt(), Math.min(lookAfterMs, remainingMs), signal);
      if (this.#hasMarkedEnd()) return this.#markedEnd();
      if (signal?.aborted === true) return this.#interrupt('cancelled');
      if (performance.now() - this.#startedAt >= timeoutMs) return this.#interrupt('timeout');
      const ended = await this.#lookAtShell();
      if (ended !== null) return ended;
      if (this.#showsPrompt()) await watch.until(() => this.#hasMarkedEnd(), settleMs);
      lookAfterMs = Math.min(lookAfterMs * 2, lookMs.last);
    }
  }

  #hasMarkedEnd(): boolean {
    return this.#run.watch.marks.end !== null || this.#run.watch.exit !== null;
  }

  #showsPrompt(): boolean {
    return this.#run.watch.marks.tellsPrompts && this.#run.watch.marks.prompt !== null;
  }

  async #markedEnd(): Promise<ShellRunOutcome> {
    const { watch, shell } = this.#run;
    const { end, position } = watch.marks;
    if (end !== null) {
      const shellEnded = watch.exit !== null || !(await isAlive(shell, this.#run.table));
      return this.#ended({ exitCode: end.exitCode, signal: null, to: end.offset, shellEnded });
    }
    const { exitCode = null, signal = null } = watch.exit ?? {};
    const ended = this.#ended({ exitCode, signal, to: position, shellEnded: true });
    if (watch.exit?.kind !== 'lost') return ended;
    return { ...ended, end: { kind: 'lost', reason: watch.exit.reason ?? 'lost' } };
  }

  /** The shell is gone or back at its prompt although no end mark came: the command was broken off, or replaced it. */
  async #lookAtShell(): Promise<ShellRunOutcome | null> {
    const { watch, shell, table } = this.#run;
    const to = watch.marks.prompt ?? watch.marks.position;
    if (!(await isAlive(shell, table))) return this.#shellGone(to);
    const found = await this.#inspect();
    if (found.state !== 'prompt' || found.shell.pid !== shell.pid) return null;
    const isReplaced = (await executionOf(shell.pid)) !== this.#run.execution;
    const isBrokenOff = this.#run.isInterrupted() || (this.#showsPrompt() && !lineReaders.test(this.#run.command));
    if (!isBrokenOff && !isReplaced) return null;
    if (await watch.until(() => this.#hasMarkedEnd(), settleMs)) return null;
    const exitCode = await this.#askStatus(found.shell);
    if (watch.exit !== null) return null;
    const endsWithPrompt = found.shell.kind !== 'bash' || watch.marks.prompt === null;
    return {
      ...this.#ended({ exitCode, signal: null, to, shellEnded: false }),
      shellReplaced: isReplaced,
      endsWithPrompt,
    };
  }

  /** A shell within a shell has ended: the outer one knows its status. */
  async #shellGone(to: number): Promise<ShellRunOutcome | null> {
    const { watch } = this.#run;
    const startedAt = performance.now();
    while (performance.now() - startedAt < parentPromptMs) {
      if (await watch.until(() => this.#hasMarkedEnd(), settleMs)) return null;
      const found = await this.#inspect();
      if (found.state !== 'prompt') continue;
      const exitCode = await this.#askStatus(found.shell);
      if (watch.exit !== null) return null;
      return {
        ...this.#ended({ exitCode, signal: null, to, shellEnded: true }),
        endsWithPrompt: watch.marks.prompt === null,
      };
    }
    // The terminal's own program has ended with it: whether by itself or with the host, the host's end or its word tells.
    if (!(await this.#runsProgram()) && (await watch.until(() => this.#hasMarkedEnd(), exitWordMs))) return null;
    return this.#ended({ exitCode: null, signal: null, to, shellEnded: true });
  }

  async #runsProgram(): Promise<boolean> {
    const record = this.#run.hosts.get(this.#run.terminalId);
    return record !== undefined && isAlive({ pid: record.pid, startTime: record.pidStartTime }, this.#run.table);
  }

  /** `null` when the shell does not say, such as when the host was lost: the command has run, so this rejects never. */
  async #askStatus({ kind }: Shell): Promise<number | null> {
    const { hosts, scripts: folder, terminalId, watch } = this.#run;
    const nonce = randomBytes(16).toString('hex');
    let scripts: ShellScripts | undefined;
    try {
      scripts = statusScripts({ kind, nonce, path: await folder.newPath() });
      using answer = new TerminalWatch(hosts, { terminalId, from: watch.marks.position, nonce });
      await folder.write(scripts);
      await hosts.write(terminalId, Buffer.from(scripts.typed));
      await answer.until(() => answer.marks.end !== null || answer.exit !== null, statusDeadlineMs);
      return answer.marks.end?.exitCode ?? null;
    } catch (error) {
      if (!(error instanceof NavisError)) throw error;
      if (error.code === 'HOST_UNAVAILABLE') await watch.until(() => this.#hasMarkedEnd(), exitWordMs);
      return null;
    } finally {
      if (scripts !== undefined) await folder.remove(scripts);
    }
  }

  /** Ends the job in the foreground, never the shell. */
  async #interrupt(kind: 'timeout' | 'cancelled'): Promise<ShellRunOutcome> {
    const { watch, shell, hosts, terminalId, table } = this.#run;
    const to = watch.marks.position;
    let isBack = false;
    for (const { signal, waitMs } of endingSteps) {
      const foreground = (await table.info(hosts.get(terminalId)?.pid ?? 0))?.foregroundGroup;
      if (foreground === shell.pid && signal !== 'SIGINT') continue;
      await hosts.signalForeground(terminalId, signal).catch(() => undefined);
      isBack = await this.#isBack(waitMs);
      if (isBack) break;
    }
    const shellEnded = watch.exit !== null || !(await isAlive(shell, table));
    return {
      ...this.#ended({ exitCode: null, signal: null, to, shellEnded }),
      end: { kind, isStillBusy: !isBack && !shellEnded },
    };
  }

  async #isBack(withinMs: number): Promise<boolean> {
    const { watch, shell } = this.#run;
    const startedAt = performance.now();
    for (;;) {
      if (await watch.until(() => this.#hasMarkedEnd(), settleMs)) return true;
      const found = await this.#inspect();
      if (found.state === 'prompt' && found.shell.pid === shell.pid) return true;
      if (performance.now() - startedAt > withinMs) return false;
      await delay(settleMs);
    }
  }

  async #inspect(): Promise<ShellState> {
    const pid = this.#run.hosts.get(this.#run.terminalId)?.pid;
    return pid === undefined ? { state: 'notAShell' } : inspectShell(pid, this.#run.table);
  }

  #ended(facts: { exitCode: number | null; signal: string | null; to: number; shellEnded: boolean }): ShellRunOutcome {
    const { exitCode, signal, to, shellEnded } = facts;
    const from = this.#run.watch.marks.begin ?? to;
    return {
      end: { kind: 'ended', exitCode, signal },
      shellEnded,
      shellReplaced: false,
      range: { from, to: Math.max(from, to) },
      endsWithPrompt: false,
      scriptPath: this.#run.scriptPath,
    };
  }
}
