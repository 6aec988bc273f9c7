/** The node's end: serves one machine to a hub over connections, one after the other. */
import { nodeCloseCodes } from '@navisai/protocol';
import type { ChannelSink, MachineService, MachineServiceOptions, RemoteChannel } from '../remote.types.ts';
import { EventLog } from './event-log.ts';
import { NodeConnection, type NodeConnectionParts } from './node-connection.ts';
import { ServedAgents } from './served-agents.ts';
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
  readonly #agents: ServedAgents;
  #connection: NodeConnection | undefined;
  #isClosed = false;

  constructor(options: MachineServiceOptions) {
    this.#options = options;
    const { machine, agentLoop: loop } = options;
    const tell = (encoded: string): void => this.#connection?.tell(encoded);
    this.#events = new EventLog(machine, tell);
    this.#agents = new ServedAgents({ loop, machine, tell });
    this.#calls = new ServedCalls(machine, tell, (call, result) => this.#agents.onResult(call, result));
  }

  connect(channel: RemoteChannel): ChannelSink {
    this.#connection?.end(nodeCloseCodes.stopping, 'another connection took its place');
    const connection = new NodeConnection(this.#parts, channel);
    this.#connection = connection;
    if (this.#isClosed) connection.end(nodeCloseCodes.stopping, 'the node leaves');
    return connection;
  }

  get #parts(): NodeConnectionParts {
    const served = { events: this.#events, calls: this.#calls, agents: this.#agents };
    return { serviceId: this.#serviceId, options: this.#options, ...served };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#agents.close();
    this.#events.close();
    this.#calls.close();
    this.#connection?.end(nodeCloseCodes.stopping, 'the node leaves');
  }
}
