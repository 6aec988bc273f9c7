/** What the hub knows of its terminals, and who wants to hear of changes. */
import type { ExitState, HostEvent, TerminalRecord } from '../../pty-hosts.types.ts';
import type { PtyHostEvents, TerminalProgress } from '../pty-host-protocol.ts';
import type { StoredTerminal } from '../stored-terminal.ts';

export class TerminalRegistry {
  readonly #terminals = new Map<string, StoredTerminal>();
  readonly #listeners = new Set<(event: HostEvent) => void>();
  /** Who waits for the end of which terminal. */
  readonly #waiting = new Map<string, Set<(exit: ExitState) => void>>();

  get(terminalId: string): StoredTerminal | undefined {
    return this.#terminals.get(terminalId);
  }

  all(): StoredTerminal[] {
    return [...this.#terminals.values()];
  }

  records(): TerminalRecord[] {
    return this.all().map(recordOf);
  }

  record(terminalId: string): TerminalRecord | undefined {
    const stored = this.#terminals.get(terminalId);
    return stored === undefined ? undefined : recordOf(stored);
  }

  /** Takes over what a host or the disk tells; an exit that is known stays known. */
  put(terminal: StoredTerminal): void {
    const known = this.#terminals.get(terminal.terminalId);
    const exit = known?.exit ?? terminal.exit;
    this.#terminals.set(terminal.terminalId, { ...terminal, exit });
    if (known?.exit === null && exit !== null) this.#announceExit(terminal.terminalId, exit);
  }

  /** An exit that was observed; told once, also for a terminal whose opening is not answered yet. */
  putExited(terminal: StoredTerminal): void {
    const isNews = (this.#terminals.get(terminal.terminalId)?.exit ?? null) === null;
    this.#terminals.set(terminal.terminalId, terminal);
    if (isNews && terminal.exit !== null) this.#announceExit(terminal.terminalId, terminal.exit);
  }

  progress(changes: TerminalProgress[]): void {
    for (const { terminalId, endOffset, ...change } of changes) {
      const known = this.#terminals.get(terminalId);
      if (known !== undefined) Object.assign(known, change, { endOffset: Math.max(known.endOffset, endOffset) });
    }
  }

  /** Bytes of it arrived. */
  reached(terminalId: string, endOffset: number): void {
    const known = this.#terminals.get(terminalId);
    if (known !== undefined && endOffset > known.endOffset) known.endOffset = endOffset;
  }

  titled({ terminalId, title }: PtyHostEvents['title']): void {
    const known = this.#terminals.get(terminalId);
    if (known !== undefined) known.title = title;
    this.emit({ type: 'title', terminalId, title });
  }

  resized({ terminalId, columns, rows, offset }: PtyHostEvents['resized']): void {
    const known = this.#terminals.get(terminalId);
    if (known !== undefined) Object.assign(known, { columns, rows });
    this.emit({ type: 'resized', terminalId, columns, rows, offset });
  }

  remove(terminalId: string): void {
    this.#terminals.delete(terminalId);
  }

  /** Resolves with the exit, or `null` at the deadline. */
  async exitOf(terminalId: string, deadlineMs: number): Promise<ExitState | null> {
    const known = this.#terminals.get(terminalId)?.exit;
    if (known !== undefined && known !== null) return known;
    const waiting = this.#waiting.get(terminalId) ?? new Set();
    this.#waiting.set(terminalId, waiting);
    return new Promise((resolve) => {
      const settle = (exit: ExitState | null): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(terminalId);
        resolve(exit);
      };
      const timer = setTimeout(() => settle(null), deadlineMs);
      waiting.add(settle);
    });
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #announceExit(terminalId: string, exit: ExitState): void {
    for (const settle of this.#waiting.get(terminalId) ?? []) settle(exit);
    this.emit({ type: 'exited', terminalId, exit });
  }
}

const recordOf = ({
  version: _version,
  hostId: _hostId,
  bootId: _bootId,
  ...record
}: StoredTerminal): TerminalRecord => ({
  ...record,
});
