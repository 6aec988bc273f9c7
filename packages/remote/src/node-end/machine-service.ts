/** The node's end: serves one machine to a hub over connections, one after the other. */
import { nodeCloseCodes } from '@navisai/protocol';
import type { ChannelSink, MachineService, MachineServiceOptions, RemoteChannel } from '../remote.types.ts';
import { EventLog } from './event-log.ts';
import { NodeConnection } from './node-connection.ts';
import { ServedCalls } from './served-calls.ts';

/** Calls and their results outlast connections; streams are opened again by the hub. Dispose it before the machine. */
export const createMachineService = (options: MachineServiceOptions): MachineService =>
  new LocalMachineService(options);

class LocalMachineService implements MachineService {
  readonly #options: MachineServiceOptions;
  /** Tells this process from the one before. */
  readonly #serviceId = crypto.randomUUID();
  readonly #events: EventLog;
  readonly #calls: ServedCalls;
  #connection: NodeConnection | undefined;
  #isClosed = false;

  constructor(options: MachineServiceOptions) {
    this.#options = options;
    this.#events = new EventLog(options.machine, (encoded) => this.#connection?.tell(encoded));
    this.#calls = new ServedCalls(options.machine, (encoded) => this.#connection?.tell(encoded));
  }

  connect(channel: RemoteChannel): ChannelSink {
    this.#connection?.end(nodeCloseCodes.stopping, 'another connection took its place');
    const parts = { serviceId: this.#serviceId, options: this.#options, events: this.#events, calls: this.#calls };
    const connection = new NodeConnection(parts, channel);
    this.#connection = connection;
    if (this.#isClosed) connection.end(nodeCloseCodes.stopping, 'the node leaves');
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#events.close();
    this.#calls.close();
    this.#connection?.end(nodeCloseCodes.stopping, 'the node leaves');
  }
}
