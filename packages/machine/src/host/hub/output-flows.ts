/** All subscriptions of a hub, by the channel on which a host feeds them. */
import type { ExitState, OutputSink, OutputSubscription, SubscribeRequest } from '../../pty-hosts.types.ts';
import type { HostLink } from './host-link.ts';
import { OutputFlow } from './output-flow.ts';

export interface FlowStart {
  request: SubscribeRequest;
  sink: OutputSink;
  directory: string;
  /** The host that has the terminal, if one has. */
  link: HostLink | undefined;
  exit: ExitState | null;
}

export class OutputFlows {
  readonly #flows = new Map<number, OutputFlow>();
  readonly #onProblem: (message: string) => void;
  #lastChannel = 0;

  constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem;
  }

  /** Nothing is delivered before the caller has its subscription. */
  subscribe({ request, sink, directory, link, exit }: FlowStart): OutputSubscription {
    this.#lastChannel = (this.#lastChannel + 1) % 2 ** 32;
    const channel = this.#lastChannel;
    const onClosed = (): void => void this.#flows.delete(channel);
    const flow = new OutputFlow({ ...request, channel, sink, directory, onClosed, onProblem: this.#onProblem });
    this.#flows.set(channel, flow);
    // A link that connects again serves all flows itself.
    if (link?.isConnected === true) void flow.serveFrom(link);
    else if (link === undefined && exit !== null) queueMicrotask(() => flow.serveFromDisk(exit));
    return flow;
  }

  get(channel: number): OutputFlow | undefined {
    return this.#flows.get(channel);
  }

  /** A host is connected, for the first time or again. */
  async serveFrom(link: HostLink, terminalIds: ReadonlySet<string>): Promise<void> {
    for (const flow of this.#flows.values()) if (terminalIds.has(flow.terminalId)) await flow.serveFrom(link);
  }

  /** No host has these terminals any more; `null` leaves a flow alone. */
  serveFromDisk(exitOf: (terminalId: string) => ExitState | null): void {
    for (const flow of this.#flows.values()) {
      const exit = exitOf(flow.terminalId);
      if (exit !== null) flow.serveFromDisk(exit);
    }
  }

  /** A terminal is forgotten: what its readers have not got they will not get. */
  giveUp(terminalId: string, { endOffset, exit }: { endOffset: number; exit: ExitState }): void {
    for (const flow of this.#flows.values()) if (flow.terminalId === terminalId) flow.giveUp(endOffset, exit);
  }

  closeAll(): void {
    for (const flow of this.#flows.values()) flow.close();
  }
}
