/** One connection of a node to its hub: judges each frame, serves it, tells the state and beats. */
import { isWithBytes, maxNodeFrameBytes, nodeCloseCodes, parseHubFrame } from '@navisai/protocol';
import type { HubFrame, HubFrameOf, NodeFrame } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { ChannelSink, MachineServiceOptions, RemoteChannel } from '../remote.types.ts';
import type { EventLog } from './event-log.ts';
import { Outbox } from './outbox.ts';
import { RecentIds } from '../recent-ids.ts';
import type { ServedAgents } from './served-agents.ts';
import type { ServedCalls } from './served-calls.ts';
import { answerRequest, refuseRequest, tooManyRequests } from './served-requests.ts';
import { ServedStreams } from './served-streams.ts';
import { stateFrames, ToldChanges } from './told-terminals.ts';

/** What changes all the time is told at most this often. */
const changesMs = 1000;
/** Heartbeats of the hub's silence after which the connection counts as dead. */
const silentBeats = 3;
const maxRequests = 1000;
/** Frames of a newer hub that this node does not know. */
const maxUnknownFrames = 1000;

export interface NodeConnectionParts {
  options: MachineServiceOptions;
  serviceId: string;
  events: EventLog;
  calls: ServedCalls;
  agents: ServedAgents;
}

export class NodeConnection implements ChannelSink {
  readonly #parts: NodeConnectionParts;
  readonly #channel: RemoteChannel;
  readonly #outbox: Outbox;
  readonly #streams: ServedStreams;
  readonly #requestIds = new RecentIds();
  readonly #changes = new ToldChanges();
  /** Terminals whose queries the hub's viewers answer. */
  readonly #answeredByViewers = new Set<string>();
  #requests = 0;
  #unknown = 0;
  #received = 0;
  /** Without the frame that is served now. */
  #receivedBefore = 0;
  #heardAt = performance.now();
  #beat: NodeJS.Timeout | undefined;
  #changesTimer: NodeJS.Timeout | undefined;
  #hasBegun = false;
  #isClosed = false;

  constructor(parts: NodeConnectionParts, channel: RemoteChannel) {
    this.#parts = parts;
    this.#channel = channel;
    this.#outbox = new Outbox(channel);
    this.#streams = new ServedStreams(parts.options.machine, this.#outbox);
    const { heartbeatMs } = parts.options;
    this.#beat = setInterval(() => this.#onBeat(), heartbeatMs);
  }

  /** Nothing but answers may leave before the hub has said what it knows. */
  tell(frame: string): void {
    if (this.#hasBegun) this.#outbox.send(frame);
  }

  receive(message: Frame): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    this.#receivedBefore = this.#received;
    this.#received += message.length;
    if (message.length > maxNodeFrameBytes) return this.#violated('a frame is too large');
    if (typeof message !== 'string' && !isWithBytes(message)) return this.#violated('a binary frame of no known kind');
    const parsed = parseHubFrame(message);
    if ('frame' in parsed) this.#serve(parsed.frame, parsed.bytes);
    else if (parsed.kind === 'malformed') this.#violated(parsed.reason);
    else if ((this.#unknown += 1) > maxUnknownFrames) this.#violated('too many frames of unknown types');
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#beat);
    clearInterval(this.#changesTimer);
    this.#streams.closeAll();
    this.#outbox.close();
    this.#parts.agents.pause();
    for (const terminalId of this.#answeredByViewers) this.#answerQueries(terminalId, 'screen');
  }

  end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.closed();
    this.#channel.close(code, reason);
  }

  #serve(frame: HubFrame, bytes: Uint8Array | undefined): void {
    try {
      // The handler is chosen by the frame's own type, which the compiler cannot follow.
      (this.#handlers[frame.type] as (frame: HubFrame, bytes?: Uint8Array) => void)(frame, bytes);
    } catch (error) {
      this.#violated(`${frame.type}: ${error instanceof Error ? error.message : 'failed'}`);
    }
  }

  readonly #handlers: { [Type in HubFrame['type']]: (frame: HubFrameOf<Type>, bytes?: Uint8Array) => void } = {
    begin: (frame) => this.#begin(frame),
    call: (frame) => this.#parts.calls.call(frame),
    cancel: (frame) => void this.#parts.calls.cancel(frame).catch(() => undefined),
    taken: (frame) => this.#parts.calls.taken(frame),
    ack: (frame) => this.#parts.calls.acknowledge(frame),
    request: (frame, bytes) => void this.#answer(frame, bytes ?? new Uint8Array()),
    revocations: ({ signed }) =>
      void this.#parts.options.machine
        .learnRevocations(signed)
        .catch((error: unknown) => this.#parts.options.onUnexpected?.(error)),
    responder: ({ terminalId, responder }) => this.#answerQueries(terminalId, responder),
    attach: (frame) => this.#streams.attach(frame),
    watch: (frame) => this.#streams.watch(frame),
    acknowledge: ({ channel, offset }) => this.#streams.acknowledge(channel, offset),
    close: ({ channel }) => this.#streams.close(channel),
    received: ({ bytes }) => this.#outbox.received(bytes),
    pulse: ({ sent = 0 }) => {
      if (sent > this.#receivedBefore) this.end(nodeCloseCodes.stopping, 'frames were lost');
    },
    agent_start: (frame) => this.#parts.agents.start(frame),
    agent_stop: (frame) => this.#parts.agents.stop(frame),
    agent_kept: (frame) => this.#parts.agents.kept(frame),
    agent_answer: (frame) => this.#parts.agents.answer(frame),
  };

  /** First what the hub has missed, then all as it is now. */
  #begin({ service, event, runs }: HubFrameOf<'begin'>): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { events, serviceId, options } = this.#parts;
    if (service === serviceId) for (const missed of events.after(event)) this.#outbox.send(missed);
    const terminals = options.machine.terminals();
    for (const state of stateFrames(serviceId, terminals)) this.#outbox.send(state);
    this.#send({ type: 'synced', service: serviceId, event: events.last });
    this.#parts.agents.begin(runs);
    this.#changes.begin(terminals);
    this.#changesTimer = setInterval(() => this.#tellChanges(), changesMs);
    this.#tellLoad();
  }

  async #answer(frame: HubFrameOf<'request'>, bytes: Uint8Array): Promise<void> {
    if (!this.#requestIds.add(frame.id)) return;
    if (this.#requests >= maxRequests) return this.#outbox.send(refuseRequest(frame.id, tooManyRequests()));
    this.#requests += 1;
    const answer = await answerRequest(this.#parts.options, frame, bytes);
    // Whoever types looks for the echo, which goes first.
    if (frame.ask.name === 'input') this.#outbox.sendLate(answer);
    else this.#outbox.send(answer);
    this.#requests -= 1;
  }

  #answerQueries(terminalId: string, responder: 'screen' | 'viewer'): void {
    const { machine } = this.#parts.options;
    if (responder === 'viewer') this.#answeredByViewers.add(terminalId);
    else this.#answeredByViewers.delete(terminalId);
    if (machine.terminal(terminalId) !== undefined) machine.setQueryResponder(terminalId, responder);
    else this.#answeredByViewers.delete(terminalId);
  }

  #onBeat(): void {
    const { heartbeatMs } = this.#parts.options;
    if (performance.now() - this.#heardAt > silentBeats * heartbeatMs)
      this.end(nodeCloseCodes.stopping, 'the hub is silent');
    else if (this.#hasBegun) this.#tellLoad();
  }

  #tellLoad(): void {
    this.#send({ type: 'heartbeat', load: this.#parts.options.load(), sent: this.#outbox.sent });
  }

  #tellChanges(): void {
    for (const frame of this.#changes.frames(this.#parts.options.machine.terminals())) this.#send(frame);
  }

  #send(frame: NodeFrame): void {
    this.#outbox.send(JSON.stringify(frame));
  }

  #violated(reason: string): void {
    this.end(nodeCloseCodes.violation, `the hub sent what this node does not accept: ${reason}`.slice(0, 120));
  }
}
