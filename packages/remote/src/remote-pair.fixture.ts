/** Both ends over a network in memory, with whatever faults a test wants. */
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryNetwork } from '@navisai/link';
import type { Frame, FrameFate, MemoryNetwork, Socket, SocketSink } from '@navisai/link';
import type { Machine, MachineEvent } from '@navisai/machine';
import type { NodeLoad } from '@navisai/protocol';
import { createRemoteMachine } from './hub-end/create-remote-machine.ts';
import { createMachineService } from './node-end/machine-service.ts';
import type { AgentLoop, ChannelSink, MachineService, RemoteMachine, RemoteMachineOptions } from './remote.types.ts';

export const testLoad: NodeLoad = {
  at: '2026-01-01T00:00:00.000Z',
  cpus: 2,
  load1: 0.5,
  memoryBytes: 1,
  freeMemoryBytes: 1,
  uptime: 1,
};

export const nodeId = 'n_test00';

export interface PairOptions {
  machine: Machine;
  onFrame?: ((frame: Frame, direction: 'up' | 'down') => FrameFate) | undefined;
  options?: Partial<RemoteMachineOptions>;
  heartbeatMs?: number;
  agentLoop?: AgentLoop | undefined;
}

/** Long enough for a busy computer. */
const connectDeadlineMs = 20_000;

export class RemotePair implements AsyncDisposable {
  readonly events: MachineEvent[] = [];
  readonly violations: string[] = [];
  readonly presence: boolean[] = [];
  readonly unexpected: unknown[] = [];
  readonly remote: RemoteMachine;
  readonly network: MemoryNetwork;
  readonly #heartbeatMs: number;
  readonly #agentLoop: AgentLoop | undefined;
  service: MachineService;
  connections = 0;
  #redial: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isPersistent = false;

  constructor({ machine, onFrame, options = {}, heartbeatMs = 5000, agentLoop }: PairOptions) {
    this.#heartbeatMs = heartbeatMs;
    this.#agentLoop = agentLoop;
    this.remote = createRemoteMachine({
      nodeId,
      known: [],
      mayHold: () => true,
      onViolation: (reason) => void this.violations.push(reason),
      onLoad: () => undefined,
      onPresence: (isConnected) => void this.presence.push(isConnected),
      onUnexpected: (error) => void this.unexpected.push(error),
      heartbeatMs,
      ...options,
    });
    this.remote.onEvent((event) => void this.events.push(event));
    this.network = createMemoryNetwork((socket) => sinkOf(this.remote.connect(socket)), onFrame && { onFrame });
    this.service = this.#serviceOf(machine);
  }

  /** The node dials; resolves when the hub knows its state. */
  async connect(): Promise<void> {
    this.#dial();
    await this.connected();
  }

  async connected(): Promise<void> {
    const startedAt = performance.now();
    while (!this.remote.isConnected) {
      if (performance.now() - startedAt > connectDeadlineMs) throw new Error('The node is not connected.');
      await delay(1);
    }
  }

  /** As a node's program: dials whenever there is no connection, and the hub looks for silence. */
  persist(): void {
    this.#isPersistent = true;
    this.#watch = setInterval(() => this.remote.checkSilence(), this.#heartbeatMs);
    this.#dial();
  }

  /** Every connection ends, and no other is made until `persist`. */
  cut(): void {
    this.#isPersistent = false;
    clearInterval(this.#watch);
    this.network.cutAll();
  }

  /** Another process of the node takes over. */
  serve(machine: Machine): void {
    this.service = this.#serviceOf(machine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isPersistent = false;
    clearTimeout(this.#redial);
    clearInterval(this.#watch);
    await this.service[Symbol.asyncDispose]();
    await this.remote[Symbol.asyncDispose]();
    if (this.unexpected.length > 0) throw new AggregateError(this.unexpected, 'unexpected failures');
  }

  #serviceOf(machine: Machine): MachineService {
    const heartbeatMs = this.#heartbeatMs;
    const agentLoop = this.#agentLoop;
    return createMachineService({ machine, load: () => testLoad, heartbeatMs, onOverlay: () => undefined, agentLoop });
  }

  #dial(): void {
    this.connections += 1;
    const onClosed = (): void => {
      if (this.#isPersistent) this.#redial = setTimeout(() => this.#dial(), 2);
    };
    this.network.transport({ url: 'memory:', subprotocols: [] }, dialling(this.service, onClosed));
  }
}

const sinkOf = (sink: ChannelSink): Omit<SocketSink, 'onOpen'> => ({
  onFrame: (frame) => sink.receive(frame),
  onClose: () => sink.closed(),
});

const dialling = (service: MachineService, onClosed: () => void): SocketSink => {
  let sink: ChannelSink | undefined;
  // The hub may speak before the socket is told to be open.
  const early: Frame[] = [];
  return {
    onOpen: (socket: Socket) => {
      sink = service.connect(socket);
      for (const frame of early) sink.receive(frame);
    },
    onFrame: (frame) => {
      if (sink === undefined) early.push(frame);
      else sink.receive(frame);
    },
    onClose: () => {
      sink?.closed();
      onClosed();
    },
  };
};
