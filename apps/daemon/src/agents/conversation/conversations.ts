/** What people do with a conversation: say, stop, go on, edit and send again (A3, A4). */
import { type Content, type Device, NavisError, newId, type Session } from '@navisai/protocol';
import type { KeptMessage, NewMessage, RunRecord, StoreFeed } from '@navisai/store';
import type { SessionRuns } from '../runs/session-runs.ts';
import { type KeptBody, personBody } from './agent-messages.ts';
import type { Commands } from './commands.ts';
import type { Contents } from './contents.ts';
import { setAsideFrom } from './open-calls.ts';
import { isCommand } from './parse-command.ts';
import { createSerial } from './serial.ts';
import { stopLeft, type StopLeftParts } from './stop-left.ts';

export interface ConversationsParts extends StopLeftParts {
  feed: StoreFeed;
  now: () => number;
  runs: SessionRuns;
  contents: Contents;
  commands: Commands;
  rename(session: Session, title: string): Promise<Session>;
}

export interface Said {
  messageId?: string | undefined;
  text: string;
  attachments?: string[] | undefined;
  replaces?: string | undefined;
}

export interface SaidOutcome {
  messageId: string;
  outcome: 'started' | 'queued' | 'command';
  runId: string | null;
}

/** Sessions that nobody named are named after what is said first. */
export const untitled = 'New conversation';
const maxTitle = 60;
/** Messages that wait for a run to take them. */
export const maxWaiting = 100;

export class Conversations {
  readonly #parts: ConversationsParts;
  readonly #serial = createSerial();

  constructor(parts: ConversationsParts) {
    this.#parts = parts;
  }

  /** Rejects NavisError INVALID_ARGUMENT, NOT_FOUND, CONFLICT. A repeat of a message id is the same message. */
  async say(session: Session, device: Device, said: Said): Promise<SaidOutcome> {
    requireAgent(session);
    const acts = isCommand(said.text);
    return this.#serial(session.id, () =>
      acts ? this.#sayCommand(session, device, said) : this.#sayMessage(session, device, said),
    );
  }

  async stop({ id }: Session): Promise<boolean> {
    const { runs, commands, feed } = this.#parts;
    const [stopped, ended] = await Promise.all([runs.stop(id), commands.stop(id)]);
    // What waited was said before the stop: the next run reads it, and none begins by itself.
    if (stopped) await feed.transaction(({ conversations }) => conversations.takeWaiting(id, null));
    const left = !stopped && (await stopLeft(this.#parts, id));
    return stopped || ended || left;
  }

  /** Rejects NavisError CONFLICT when there is nothing to go on with. */
  goOn(session: Session): Promise<string> {
    const { runs, keeper } = this.#parts;
    return this.#serial(session.id, async () => {
      requireAgent(session);
      const last = await keeper.store.read.conversations.lastRun(session.id);
      if ((last === undefined || last.state === 'completed') && !(await this.#isUnanswered(session.id)))
        throw new NavisError('CONFLICT', 'There is nothing to go on with: the last run came to its end.');
      const run = runs.begin(session, last ?? null);
      await run.started;
      return run.id;
    });
  }

  async #sayMessage(session: Session, device: Device, said: Said): Promise<SaidOutcome> {
    const { runs, contents } = this.#parts;
    const id = said.messageId ?? newId('message');
    if (said.text.trim() === '' && (said.attachments ?? []).length === 0)
      throw new NavisError('INVALID_ARGUMENT', 'text: must not be empty.', { field: 'text' });
    const attachments = await Promise.all((said.attachments ?? []).map((one) => contents.find(session.id, one)));
    await this.#makeRoom(session, said);
    const current = runs.current(session.id);
    const body = personBody(said.text, attachments);
    const isWaiting = current !== undefined;
    const message = { session, device, said, id, attachments, body, isWaiting, kind: 'message' as const, runId: null };
    const { kept, open, durable } = await this.#keep(message);
    if (kept === undefined) return this.#repeated(session, id);
    // The run may have ended while the message was kept. A new one asks its model while the disk is waited for.
    const run = runs.current(session.id) ?? runs.begin(session, open);
    if (isWaiting) run.noticeWaiting();
    await Promise.all([durable, run.started, this.#nameAfter(session, said.text)]);
    return { messageId: id, outcome: run === current ? 'queued' : 'started', runId: run.id };
  }

  /** The hub was killed between what was said last and the run that answers it. */
  async #isUnanswered(sessionId: string): Promise<boolean> {
    const { conversations } = this.#parts.keeper.store.read;
    const said = [...(await conversations.outline(sessionId)), ...(await conversations.waiting(sessionId))];
    const last = said.findLast(({ kind }) => kind === 'message');
    return last !== undefined && last.runId === null && (last.isWaiting || isPersons(last));
  }

  /** What is replaced must not be answered any more, and a run that is ending takes nothing. */
  async #makeRoom({ id }: Session, { messageId, replaces }: Said): Promise<void> {
    const { runs, keeper } = this.#parts;
    if (messageId !== undefined && (await keeper.store.read.conversations.message(messageId)) !== undefined) return;
    const current = runs.current(id);
    if (replaces !== undefined) await runs.stop(id);
    else if (current?.isStopping === true) await current.ended;
  }

  async #sayCommand(session: Session, device: Device, said: Said): Promise<SaidOutcome> {
    const { runs, commands } = this.#parts;
    const { messageId, text, replaces } = said;
    if (replaces !== undefined) await this.#makeRoom(session, said);
    const id = messageId ?? newId('message');
    const runId = newId('run');
    const body = personBody(text, []);
    const isWaiting = runs.current(session.id) !== undefined;
    const note = { session, device, said: { text, replaces }, id, attachments: [], body, isWaiting, runId };
    const { kept, durable } = await this.#keep({ ...note, kind: 'note' });
    if (kept === undefined) return this.#repeated(session, id);
    await durable;
    void commands.carryOut({ session, device, text, streamId: runId });
    return { messageId: id, outcome: 'command', runId };
  }

  /** Told when it is durable. */
  async #keep({ session, device, said, id, attachments, ...facts }: KeepRequest): Promise<KeptSaid> {
    const { feed, now } = this.#parts;
    const at = new Date(now()).toISOString();
    const kept: NewMessage = { ...facts, id, sessionId: session.id, thread: '', text: said.text, seq: null, at };
    const { text, replaces = null } = said;
    const data = { messageId: id, author: { kind: 'person' as const, name: device.name }, text, attachments, replaces };
    const { result, durable } = await feed.apply(async (writer) => {
      const { conversations, appendEvents } = writer;
      if ((await conversations.message(id)) !== undefined) return {};
      if (facts.isWaiting && (await conversations.waiting(session.id)).length >= maxWaiting)
        throw new NavisError('RATE_LIMITED', `${maxWaiting} messages wait already. Wait for the agent, or stop it.`);
      const aside = { sessionId: session.id, messageId: replaces ?? '', at };
      if (replaces !== null && !(await setAsideFrom(writer, aside)))
        throw new NavisError('NOT_FOUND', 'The message that this one replaces is not in this conversation.');
      const [event] = await appendEvents([{ stream: session.id, sessionId: session.id, type: 'message', data }]);
      const added = await conversations.addMessage({ ...kept, seq: event?.seq ?? null });
      return { kept: added, last: await conversations.lastRun(session.id) };
    });
    return { kept: result.kept, open: openRun(result.last), durable };
  }

  async #repeated(session: Session, id: string): Promise<SaidOutcome> {
    const { keeper, runs } = this.#parts;
    const known = await keeper.store.read.conversations.message(id);
    if (known?.sessionId !== session.id) throw new NavisError('CONFLICT', 'This message id is used already.');
    if (known.kind === 'note') return { messageId: id, outcome: 'command', runId: known.runId };
    const last = await keeper.store.read.conversations.lastRun(session.id);
    const isAnswered = (last?.startSeq ?? 0) > (known.seq ?? 0) || known.runId !== null;
    const run = runs.current(session.id) ?? (isAnswered ? undefined : runs.begin(session, openRun(last)));
    await run?.started;
    const runId = run?.id ?? known.runId ?? last?.id ?? null;
    return { messageId: id, outcome: known.isWaiting ? 'queued' : 'started', runId };
  }

  async #nameAfter(session: Session, text: string): Promise<void> {
    const title = text.trim().split('\n')[0]?.trim().slice(0, maxTitle).trim() ?? '';
    if (session.title === untitled && title !== '') await this.#parts.rename(session, title);
  }
}

const isPersons = ({ body }: KeptMessage): boolean => {
  const given = body as KeptBody;
  return 'message' in given && given.message.role === 'user';
};

const requireAgent = (session: Session): void => {
  if (session.agent === undefined)
    throw new NavisError('CONFLICT', 'This session has no agent: it is for terminals only.');
};

/** The interrupted run that the next one goes on with. */
const openRun = (last: RunRecord | undefined): RunRecord | null => (last?.state === 'interrupted' ? last : null);

interface KeptSaid {
  /** With its place; `undefined` for a repeat. */
  kept?: KeptMessage | undefined;
  open: RunRecord | null;
  durable: Promise<void>;
}

interface KeepRequest {
  session: Session;
  device: Device;
  said: Pick<Said, 'text' | 'replaces'>;
  id: string;
  kind: NewMessage['kind'];
  body: unknown;
  runId: string | null;
  isWaiting: boolean;
  attachments: Content[];
}
