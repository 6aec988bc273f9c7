/** Tells a hub all terminals once, then what changes of them all the time. */
import { maxNodeTerminals } from '@navisai/protocol';
import type { NodeFrame, TerminalInfo } from '@navisai/protocol';
import { boundedTerminal, cut } from './bounded-text.ts';

/** Of one `state` or `changes` frame. */
const maxInFrame = { terminals: 500, characters: 1024 * 1024 } as const;

/** Frames with all of them; one at least, so that the hub knows that there are none. */
export const stateFrames = (service: string, terminals: readonly TerminalInfo[]): string[] => {
  const frames: string[] = [];
  let batch: TerminalInfo[] = [];
  let characters = 0;
  const flush = (): void => {
    frames.push(JSON.stringify({ type: 'state', service, terminals: batch }));
    batch = [];
    characters = 0;
  };
  for (const terminal of terminals.slice(-maxNodeTerminals)) {
    const bounded = boundedTerminal(terminal);
    batch.push(bounded);
    characters += bounded.command.length + bounded.description.length + bounded.title.length;
    if (batch.length >= maxInFrame.terminals || characters >= maxInFrame.characters) flush();
  }
  if (batch.length > 0 || frames.length === 0) flush();
  return frames;
};

type Change = Extract<NodeFrame, { type: 'changes' }>['terminals'][number];

export class ToldChanges {
  /** What the hub knows, by terminal. */
  #told = new Map<string, string>();

  /** These were just told in full. */
  begin(terminals: readonly TerminalInfo[]): void {
    this.#told = new Map(terminals.map((terminal) => [terminal.id, JSON.stringify(changeOf(terminal))]));
  }

  /** Frames with what has changed since it was told. */
  frames(terminals: readonly TerminalInfo[]): NodeFrame[] {
    const told = new Map<string, string>();
    const changed: Change[] = [];
    for (const terminal of terminals) {
      const change = changeOf(terminal);
      const key = JSON.stringify(change);
      if (this.#told.get(terminal.id) !== key) changed.push(change);
      told.set(terminal.id, key);
    }
    this.#told = told;
    const frames: NodeFrame[] = [];
    for (let at = 0; at < changed.length; at += maxInFrame.terminals)
      frames.push({ type: 'changes', terminals: changed.slice(at, at + maxInFrame.terminals) });
    return frames;
  }
}

const changeOf = (terminal: TerminalInfo): Change => ({
  id: terminal.id,
  title: cut(terminal.title, 1000),
  columns: terminal.columns,
  rows: terminal.rows,
  firstOffset: terminal.firstOffset,
  endOffset: terminal.endOffset,
  lastActivityAt: terminal.lastActivityAt,
  viewers: terminal.viewers,
});
