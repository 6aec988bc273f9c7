/** Terminals as the event logs tell of them, by id and by node. */
import type { TerminalInfo } from '@navisai/protocol';
import type { RecordedTerminal } from '@navisai/store';

export class KnownTerminals {
  readonly #byId = new Map<string, RecordedTerminal>();
  readonly #idsByNode = new Map<string, Set<string>>();

  get(id: string): RecordedTerminal | undefined {
    return this.#byId.get(id);
  }

  set(entry: RecordedTerminal): void {
    const { id, nodeId } = entry.terminal;
    this.#byId.set(id, entry);
    this.#idsByNode.set(nodeId, (this.#idsByNode.get(nodeId) ?? new Set()).add(id));
  }

  /** Answers whether it was known. */
  delete(id: string): boolean {
    const nodeId = this.#byId.get(id)?.terminal.nodeId ?? '';
    const ids = this.#idsByNode.get(nodeId);
    ids?.delete(id);
    if (ids?.size === 0) this.#idsByNode.delete(nodeId);
    return this.#byId.delete(id);
  }

  nodes(): string[] {
    return Array.from(this.#idsByNode.keys());
  }

  ofNode(nodeId: string): TerminalInfo[] {
    return Array.from(this.#idsByNode.get(nodeId) ?? []).flatMap((id) => this.#byId.get(id)?.terminal ?? []);
  }
}
