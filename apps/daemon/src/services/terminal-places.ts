/** Names and places of a session's terminals over all its nodes: each machine judges its own, the hub the rest (T15, T16). */
import { maxTerminalsPerSession, NavisError, type TerminalInfo } from '@navisai/protocol';
import type { Fleet } from '../nodes/fleet.ts';

interface Opening {
  name: string;
  nodeId: string;
}

export interface PlaceOrder extends Opening {
  sessionId: string;
}

export class TerminalPlaces {
  readonly #fleet: Pick<Fleet, 'terminals'>;
  /** Terminals about to be opened, by session; an entry lives as long as its open. */
  readonly #opening = new Map<string, Set<Opening>>();

  constructor(fleet: Pick<Fleet, 'terminals'>) {
    this.#fleet = fleet;
  }

  /** Holds name and place until it is disposed. Throws TERMINAL_EXISTS or TERMINAL_LIMIT. */
  reserve({ sessionId, ...mine }: PlaceOrder): Disposable {
    const others = this.#opening.get(sessionId) ?? new Set();
    requirePlace({ ...mine, others, terminals: this.#fleet.terminals(sessionId) });
    this.#opening.set(sessionId, others.add(mine));
    return {
      [Symbol.dispose]: () => {
        others.delete(mine);
        if (others.size === 0 && this.#opening.get(sessionId) === others) this.#opening.delete(sessionId);
      },
    };
  }
}

interface PlaceRequest extends Opening {
  others: ReadonlySet<Opening>;
  terminals: readonly TerminalInfo[];
}

/** What lies on the target node alone is judged there, where it may also be the repeat of a call. */
const requirePlace = ({ name, nodeId, others, terminals }: PlaceRequest): void => {
  const taken = [...terminals, ...others];
  const elsewhere = taken.filter((one) => one.nodeId !== nodeId);
  const namesake = elsewhere.find((one) => one.name === name);
  if (namesake !== undefined)
    throw new NavisError(
      'TERMINAL_EXISTS',
      `A terminal named '${name}' is already open in this session, on another node. Nothing was started; choose another name or close it first.`,
      { field: 'terminal_name' },
    );
  const isKnownHere = taken.some((one) => one.nodeId === nodeId && one.name === name);
  if (elsewhere.length === 0 || isKnownHere || new Set(taken.map((one) => one.name)).size < maxTerminalsPerSession)
    return;
  throw new NavisError(
    'TERMINAL_LIMIT',
    `This session has its ${maxTerminalsPerSession} terminals, on all its nodes together. Close one that is no longer needed: ${terminals
      .map((one) => `'${one.name}'`)
      .join(', ')}. Nothing was started.`,
  );
};
