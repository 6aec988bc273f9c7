/** A conversation of a test: a hub with a scripted model and a profile that asks nobody, and what a viewer sees of it. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubConnection } from '@navisai/client';
import type { EventData, HubEvent, Session } from '@navisai/protocol';
import { type TestHubOptions, until } from '@navisai/testkit';
import { expect } from 'vitest';
import { type AgentHub, startAgentHub } from './agent-hub.fixture.ts';

export interface AgentBench extends AgentHub {
  /** Opens a session with an agent of the profile `tester` and follows it. */
  talk(agent?: Partial<NonNullable<Session['agent']>>): Promise<Talk>;
}

export const startAgentBench = async (options: TestHubOptions = {}): Promise<AgentBench> => {
  await using opened = new AsyncDisposableStack();
  const { hub, model } = opened.use(await startAgentHub(options));
  await writeProfile(hub.home, { id: 'tester', approvals: 'never' });
  const kept = opened.move();
  return {
    hub,
    model,
    async talk(agent = {}) {
      const session = await hub.host.api.createSession({
        body: { kind: 'agent', agent: { profile: 'tester', ...agent } },
      });
      return new Talk(hub.host, session.id);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

export const writeProfile = async (home: string, profile: { id: string } & Record<string, unknown>): Promise<void> => {
  const folder = join(home, 'profiles', profile.id);
  await mkdir(folder, { recursive: true });
  const tools = ['terminal', 'filesystem', 'code_exec', 'content_publish', 'remote_terminal', 'spawn_agent'];
  const content = { name: profile.id, description: 'a test', tools, ...profile };
  await writeFile(join(folder, 'profile.json'), JSON.stringify(content));
  await writeFile(join(folder, 'system_prompt.txt'), 'You are tested.');
};

type Delta = EventData<'stream_delta'>;

/** Of many at once the last one takes its time on a busy machine. */
const runDeadlineMs = 60_000;

export interface SeenPart {
  kind: Delta['kind'];
  text: string;
  tool?: string | undefined;
  callId?: string | undefined;
  success?: boolean | undefined;
}

/** What one viewer sees, in the order of the rows. */
export class Talk implements Disposable {
  readonly id: string;
  readonly events: HubEvent[] = [];
  readonly #connection: HubConnection;
  readonly #parts = new Map<string, SeenPart>();
  readonly #stream: { close(): void };
  #seq = 0;

  constructor(connection: HubConnection, id: string) {
    this.id = id;
    this.#connection = connection;
    this.#stream = connection.live().followSession(id, { onEvent: (event) => this.#see(event) }, { after: 0 });
  }

  get api(): HubConnection['api'] {
    return this.#connection.api;
  }

  say(text: string, more: { messageId?: string; replaces?: string; attachments?: string[] } = {}) {
    return this.api.sendMessage({ params: { id: this.id }, body: { text, ...more } });
  }

  stop() {
    return this.api.stopRun({ params: { id: this.id } });
  }

  goOn() {
    return this.api.continueRun({ params: { id: this.id } });
  }

  of<T extends HubEvent['type']>(type: T): EventData<T>[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data as EventData<T>);
  }

  parts(streamId: string): SeenPart[] {
    const own = Array.from(this.#parts.entries()).filter(([key]) => key.startsWith(`${streamId} `));
    return own.toSorted(([a], [b]) => Number(a.split(' ')[1]) - Number(b.split(' ')[1])).map(([, part]) => part);
  }

  text(streamId: string): string {
    return this.parts(streamId)
      .flatMap((part) => (part.kind === 'text' ? [part.text] : []))
      .join('\n');
  }

  hasText(text: string): boolean {
    return this.#parts.values().some((part) => part.kind === 'text' && part.text.includes(text));
  }

  async end(streamId: string | null): Promise<EventData<'stream_end'>> {
    return until(
      () => `run ${streamId} did not end: ${this.events.map(({ type }) => type).join(' ')}`,
      () => this.of('stream_end').find((end) => end.streamId === streamId),
      runDeadlineMs,
    );
  }

  /** Says it and waits for the end of the run. */
  async ask(text: string): Promise<{ runId: string; end: EventData<'stream_end'>; text: string }> {
    const { runId } = await this.say(text);
    const end = await this.end(runId);
    return { runId: runId ?? '', end, text: this.text(runId ?? '') };
  }

  async sees(what: string, isSeen: (talk: Talk) => boolean): Promise<void> {
    await until(
      () => `not seen: ${what}: ${JSON.stringify(this.events.slice(-10))}`,
      () => (isSeen(this) ? true : undefined),
      runDeadlineMs,
    );
  }

  [Symbol.dispose](): void {
    this.#stream.close();
  }

  #see(event: HubEvent): void {
    const seq = 'seq' in event.data ? event.data.seq : undefined;
    if (seq !== undefined) {
      expect(seq).toBeGreaterThan(this.#seq);
      this.#seq = seq;
      this.events.push(event);
    }
    if (event.type === 'stream_delta') this.#lay(event.data);
  }

  /** A piece is laid over what is there. */
  #lay({ streamId, part, kind, offset, text, tool, callId, success }: Delta): void {
    const key = `${streamId} ${part}`;
    const before = this.#parts.get(key) ?? { kind, text: '', tool, callId, success };
    if (offset > before.text.length) return;
    const laid = before.text.slice(0, offset) + text + before.text.slice(offset + text.length);
    this.#parts.set(key, { ...before, text: laid });
  }
}

/** A process of this machine has `text` in its command line. */
export const isRunning = async (text: string): Promise<boolean> => {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.some((line) => line.includes(text));
};
