/** Carries out the commands of conversations, beside what the agents do (A4). */
import { NavisError, toErrorBody } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from '../../nodes/fleet.ts';
import { type ActParts, actOnCommand, type CommandOrder } from './act-on-command.ts';
import {
  callOf,
  type CommandEnd,
  type CommandStreamParts,
  endStream,
  interruptedText,
  startStream,
} from './command-stream.ts';
import { parseCommand } from './parse-command.ts';

export interface CommandsParts extends ActParts, CommandStreamParts {
  log: FastifyBaseLogger;
  fleet: Fleet;
}

interface UnderWay {
  sessionId: string;
  callId: string;
  done: Promise<void>;
}

/** Commands of one session that are carried out at once. */
const maxUnderWay = 20;
/** TERM, KILL after 5 s (T7), and the way back. */
const stopDeadlineMs = 8000;

export class Commands {
  readonly #parts: CommandsParts;
  /** By the stream that shows it. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(parts: CommandsParts) {
    this.#parts = parts;
  }

  isUnderWay(streamId: string): boolean {
    return this.#underWay.has(streamId);
  }

  /** Resolves when it is done; nobody has to wait. Never rejects. */
  async carryOut(order: CommandOrder): Promise<void> {
    const { streamId, session } = order;
    const callId = callOf(streamId);
    const done = this.#perform(order, callId).catch((error: unknown) =>
      this.#parts.log.error({ err: error, streamId }, 'a command of a conversation broke'),
    );
    this.#underWay.set(streamId, { sessionId: session.id, callId, done });
    await done;
    this.#underWay.delete(streamId);
  }

  /** Ends what is being carried out; answers whether there was anything. */
  async stop(sessionId: string): Promise<boolean> {
    const own = this.#ofSession(sessionId);
    if (own.length === 0) return false;
    for (const { callId } of own) this.#parts.fleet.cancelCall({ sessionId, callId }).catch(() => undefined);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, stopDeadlineMs);
    await Promise.race([Promise.all(own.map(({ done }) => done)), late.promise]);
    clearTimeout(timer);
    return true;
  }

  async #perform(order: CommandOrder, callId: string): Promise<void> {
    await startStream(this.#parts, order);
    const shown = { ...order, sessionId: order.session.id };
    await endStream(this.#parts, shown, await this.#attempt(order, callId));
  }

  async #attempt(order: CommandOrder, callId: string): Promise<CommandEnd> {
    try {
      if (this.#ofSession(order.session.id).length > maxUnderWay)
        throw new NavisError('RATE_LIMITED', `${maxUnderWay} commands are under way here already.`);
      const text = await actOnCommand(this.#parts, { order, callId, command: parseCommand(order.text) });
      return { text, reason: 'completed' };
    } catch (error) {
      if (error instanceof NavisError && error.code === 'HUB_UNREACHABLE')
        return { text: interruptedText(order.streamId), reason: 'interrupted' };
      return { text: toErrorBody(error).message, reason: 'failed' };
    }
  }

  #ofSession(sessionId: string): UnderWay[] {
    return Array.from(this.#underWay.values()).filter((one) => one.sessionId === sessionId);
  }
}
