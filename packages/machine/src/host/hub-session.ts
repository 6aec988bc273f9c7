/** One hub's connection to a pty-host: its requests, and the channels on which it reads terminals. */
import { Connection, type Handlers, type Nothing } from './connection.ts';
import type { FramedSocket } from './framed-socket.ts';
import { HostError } from './host-error.ts';
import type { HostedTerminal } from './hosted-terminal.ts';
import type { OutputReader, ReaderSink } from './output-reader.ts';
import type { HubNotices, PtyHostEvents, PtyHostMethods } from './pty-host-protocol.ts';

export type HubConnection = Connection<Nothing, PtyHostMethods, PtyHostEvents, HubNotices>;

export interface HubSessionOptions {
  handlers: Omit<Handlers<PtyHostMethods>, 'subscribe'>;
  terminal(terminalId: string): HostedTerminal;
  onClose(session: HubSession): void;
}

interface Channel {
  terminal: HostedTerminal;
  reader: OutputReader;
}

/** Readers of one hub at a time; a hub shares one reader among its viewers where it can. */
const maxChannels = 10_000;

export class HubSession {
  readonly #connection: HubConnection;
  readonly #channels = new Map<number, Channel>();
  readonly #options: HubSessionOptions;

  constructor(socket: FramedSocket, options: HubSessionOptions) {
    this.#options = options;
    this.#connection = new Connection<Nothing, PtyHostMethods, PtyHostEvents, HubNotices>(socket, {
      handlers: { ...options.handlers, subscribe: (params) => this.#subscribe(params) },
      events: {
        acknowledge: ({ channel, offset }) => this.#acknowledge(channel, offset),
        unsubscribe: ({ channel }) => this.#unsubscribe(channel),
      },
      onDrain: () => this.#pumpAll(),
      onClose: () => this.#closed(),
    });
  }

  tell<Type extends keyof PtyHostEvents>(type: Type, data: PtyHostEvents[Type]): void {
    this.#connection.tell(type, data);
  }

  close(reason: string): void {
    this.#connection.end(reason);
  }

  #subscribe({ terminalId, channel, ...options }: PtyHostMethods['subscribe']['params']): { result: null } {
    if (this.#channels.size >= maxChannels || this.#channels.has(channel)) {
      throw new HostError('RATE_LIMITED', 'Too many readers, or a channel used twice.');
    }
    const terminal = this.#options.terminal(terminalId);
    const reader = terminal.createReader(options, this.#sinkOf(channel));
    this.#channels.set(channel, { terminal, reader });
    terminal.addReader(reader);
    return { result: null };
  }

  #sinkOf(channel: number): ReaderSink {
    const connection = (): HubConnection => this.#connection;
    return {
      get isCongested() {
        return connection().isCongested;
      },
      deliver: (offset, bytes) => connection().sendData({ channel, offset, bytes }),
      skip: (from, to) => connection().tell('skipped', { channel, from, to }),
      end: (exit) => {
        connection().tell('ended', { channel, exit });
        this.#unsubscribe(channel);
      },
    };
  }

  #acknowledge(channel: number, offset: number): void {
    const found = this.#channels.get(channel);
    found?.terminal.acknowledge(found.reader, offset);
  }

  #unsubscribe(channel: number): void {
    const found = this.#channels.get(channel);
    this.#channels.delete(channel);
    found?.terminal.removeReader(found.reader);
  }

  #pumpAll(): void {
    for (const { reader } of this.#channels.values()) reader.pump();
  }

  #closed(): void {
    for (const channel of this.#channels.keys()) this.#unsubscribe(channel);
    this.#options.onClose(this);
  }
}
