/** Ends terminals with everything they started and forgets them; safe when asked for twice at once (T19). */
import type { TerminalInfo } from '@navisai/protocol';
import type { MachineEvent } from '../../machine.types.ts';
import type { ExitState, PtyHosts, TerminalRecord } from '../../pty-hosts.types.ts';

export interface TerminalClosings {
  /** All who ask while it goes on get the same answer. */
  close(record: TerminalRecord, reason: string): Promise<ExitState>;
  isClosing(terminalId: string): boolean;
  /** Keeps the output of a terminal that ends readable until disposed. */
  hold(terminalId: string): Disposable;
}

/** A holder that never lets go does not keep the terminal. */
const holdDeadlineMs = 5000;

export const createTerminalClosings = (parts: {
  hosts: Pick<PtyHosts, 'kill' | 'remove' | 'get'>;
  info(record: TerminalRecord): TerminalInfo;
  emit(event: MachineEvent): void;
  onClosed(terminalId: string): void;
}): TerminalClosings => {
  const { hosts, info, emit, onClosed } = parts;
  const closing = new Map<string, Promise<ExitState>>();
  const holds = new Map<string, Set<Promise<void>>>();

  const close = async ({ terminalId, ...record }: TerminalRecord, reason: string): Promise<ExitState> => {
    const exit = record.exit ?? (await hosts.kill(terminalId));
    await letGo(holds.get(terminalId));
    const last = hosts.get(terminalId) ?? { ...record, terminalId, exit };
    await hosts.remove(terminalId);
    onClosed(terminalId);
    emit({ type: 'terminal.closed', terminal: info(last), reason });
    return exit;
  };

  return {
    close(record, reason) {
      const { terminalId } = record;
      const underWay = closing.get(terminalId);
      if (underWay !== undefined) return underWay;
      const done = close(record, reason).finally(() => closing.delete(terminalId));
      closing.set(terminalId, done);
      return done;
    },
    isClosing: (terminalId) => closing.has(terminalId),
    hold(terminalId) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const held = holds.get(terminalId) ?? new Set();
      holds.set(terminalId, held.add(promise));
      return {
        [Symbol.dispose]() {
          resolve();
          held.delete(promise);
          if (held.size === 0) holds.delete(terminalId);
        },
      };
    },
  };
};

const letGo = async (held: ReadonlySet<Promise<void>> | undefined): Promise<void> => {
  if (held === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, holdDeadlineMs);
  await Promise.race([Promise.all(held), promise]);
  clearTimeout(timer);
};
