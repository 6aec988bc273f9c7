/** The processes of terminals as the hub handles them itself: what is in front, and how everything of one is ended. */
import { createProcessTable } from '../../process-table.ts';
import { killProcessTree, killProcessTrees } from '../../process-tree.ts';
import type { ExitState } from '../../pty-hosts.types.ts';
import { HostError } from '../host-error.ts';
import type { StoredTerminal } from '../stored-terminal.ts';
import { foregroundOf, type Foreground } from './foreground.ts';
import { treeOf } from './lost-terminals.ts';
import type { TerminalRegistry } from './terminal-registry.ts';

/** From the end of a tree to its host's word of it. */
const exitDeadlineMs = 5000;

export class TerminalProcesses {
  readonly #terminals: TerminalRegistry;
  readonly #table = createProcessTable();
  readonly #kills = new Map<string, Promise<ExitState>>();

  constructor(terminals: TerminalRegistry) {
    this.#terminals = terminals;
  }

  /** Rejects with TERMINAL_EXITED. */
  foreground(stored: StoredTerminal): Promise<Foreground> {
    return foregroundOf(treeOf(stored).leader, this.#table);
  }

  async signalForeground(stored: StoredTerminal, signal: NodeJS.Signals): Promise<void> {
    const { processGroup } = await this.foreground(stored);
    process.kill(-processGroup, signal);
  }

  /** Also what a program that has ended left behind. Two at once share one end. */
  kill(stored: StoredTerminal): Promise<ExitState> {
    const { terminalId } = stored;
    const running = this.#kills.get(terminalId);
    if (running !== undefined) return running;
    const killing = this.#kill(stored).finally(() => this.#kills.delete(terminalId));
    this.#kills.set(terminalId, killing);
    return killing;
  }

  /** Resolves when nothing of them is left and their hosts said so, or after a deadline. */
  async killAll(terminals: StoredTerminal[]): Promise<{ remaining: number }> {
    const { remaining } = await killProcessTrees(terminals.map(treeOf));
    await Promise.all(terminals.map(({ terminalId }) => this.#terminals.exitOf(terminalId, exitDeadlineMs)));
    return { remaining: remaining.length };
  }

  /** Of a terminal whose start was not answered. */
  async killUnknown(terminalId: string): Promise<void> {
    await killProcessTree({ leader: { pid: 0, startTime: '' }, marker: `NAVIS_TERMINAL_ID=${terminalId}` });
  }

  async #kill(stored: StoredTerminal): Promise<ExitState> {
    const { remaining } = await killProcessTree(treeOf(stored));
    const exit = await this.#terminals.exitOf(stored.terminalId, exitDeadlineMs);
    if (remaining.length > 0) throw new HostError('INTERNAL', `${remaining.length} processes could not be ended.`);
    if (exit === null) throw new HostError('HOST_UNAVAILABLE', 'Everything was ended, but the host does not say so.');
    return exit;
  }
}
