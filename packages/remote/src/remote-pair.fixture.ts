/** Both ends over a network in memory, with whatever faults a test wants. */
import { createMemoryNetwork } from '@navisai/link';
import type { FrameFate, Frame, MemoryNetwork, Socket, SocketSink } from '@navisai/link';
import type { Machine, MachineEvent } from '@navisai/machine';
import type { NodeLoad } from '@navisai/protocol';
import { createMachineService } from './node-end/machine-service.ts';
import { createRemoteMachine } from './hub-end/create-remote-machine.ts';
import type { ChannelSink, MachineService, RemoteMachine, RemoteMachineOptions } from './remote.types.ts';

export const testLoad: NodeLoad = {
  at: '2026-01-01T00:00:00.000Z',
  cpus: 2,
  load1: 0.5,
  memoryBytes: 1,
  freeMemoryBytes: 1,
  uptime: 1,
};

export interface RemotePair extends AsyncDisposable {
  remote: RemoteMachine;
  service: MachineService;
  events: MachineEvent[];
  violations: string[];
  presence: boolean[];
  unexpected: unknown[];
  network: MemoryNetwork;
  /** The node dials; resolves when the hub knows its state. */
  connect(): Promise<void>;
  /** Another process of the node takes over. */
  serve(machine: Machine): void;
}

export interface PairOptions {
  machine: Machine;
  onFrame?: (frame: Frame, direction: 'up' | 'down') => FrameFate;
  options?: Partial<RemoteMachineOptions>;
  heartbeatMs?: number;
}

export const nodeId = 'n_test00';

export const createPair = ({ machine, onFrame, options = {}, heartbeatMs = 5000 }: PairOptions): RemotePair => {
  const seen = { events: [] as MachineEvent[], violations: [] as string[], presence: [] as boolean[] };
  const unexpected: unknown[] = [];
  const remote = createRemoteMachine({
    nodeId,
    known: [],
    mayHold: () => true,
    onViolation: (reason) => void seen.violations.push(reason),
    onLoad: () => undefined,
    onPresence: (isConnected) => void seen.presence.push(isConnected),
    onUnexpected: (error) => void unexpected.push(error),
    heartbeatMs,
    ...options,
  });
  remote.onEvent((event) => void seen.events.push(event));
  const network = createMemoryNetwork((socket) => sinkOf(remote.connect(socket)), { onFrame });
  const serve = (served: Machine): MachineService =>
    createMachineService({ machine: served, load: () => testLoad, heartbeatMs, onOverlay: () => undefined });
  const pair = {
    ...seen,
    remote,
    unexpected,
    network,
    service: serve(machine),
    serve(served: Machine) {
      pair.service = serve(served);
    },
    async connect() {
      network.transport({ url: 'memory:', subprotocols: [] }, dialling(pair.service));
      for (let turn = 0; turn < 1000 && !remote.isConnected; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, turn < 100 ? 0 : 10));
    },
    async [Symbol.asyncDispose]() {
      await pair.service[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
      if (unexpected.length > 0) throw new AggregateError(unexpected, 'unexpected failures');
    },
  };
  return pair;
};

const sinkOf = (sink: ChannelSink): Omit<SocketSink, 'onOpen'> => ({
  onFrame: (frame) => sink.receive(frame),
  onClose: () => sink.closed(),
});

const dialling = (service: MachineService): SocketSink => {
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
    onClose: () => sink?.closed(),
  };
};
