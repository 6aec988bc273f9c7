/** A node that says exactly what a test wants, honest or not, to a real hub's end. */
import { encodeOutputFrame } from '@navisai/protocol';
import type { HubFrame, HubFrameOf, NodeFrame, TerminalInfo } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { MachineEvent } from '@navisai/machine';
import { createRemoteMachine } from './hub-end/create-remote-machine.ts';
import { nodeId, testLoad } from './remote-pair.fixture.ts';
import type { ChannelSink, RemoteMachine, RemoteMachineOptions } from './remote.types.ts';

export const sessionId = 's_0123456789abcdef';
export const callId = 'c_0123456789abcdef';
export const terminalId = 't_0123456789abcdef';

export const terminalOf = (more: Partial<TerminalInfo> = {}): TerminalInfo & { controller: null } => ({
  id: terminalId,
  sessionId,
  name: 'web',
  description: 'Dev server',
  command: 'npm run dev',
  nodeId,
  status: 'busy',
  background: true,
  keepAlive: false,
  pid: 100,
  startedAt: '2026-01-01T00:00:00.000Z',
  uptime: 1,
  lastActivityAt: '2026-01-01T00:00:00.000Z',
  exitCode: null,
  signal: null,
  exitedAt: null,
  reason: null,
  columns: 120,
  rows: 40,
  title: '',
  firstOffset: 0,
  endOffset: 0,
  viewers: 0,
  ...more,
  controller: null,
});

export interface ScriptedConnection {
  sent: HubFrame[];
  closes: { code: number; reason: string }[];
  sink: ChannelSink;
  /** What the hub believes to be unsent. */
  buffered: number;
  say(frame: NodeFrame): void;
  raw(frame: Frame): void;
  output(channel: number, offset: number, text: string): void;
  /** Told everything: these are all terminals. */
  sync(terminals?: TerminalInfo[], facts?: { service?: string; event?: number }): void;
  framesOf<T extends HubFrame['type']>(type: T): HubFrameOf<T>[];
  cut(): void;
}

export interface ScriptedHub {
  remote: RemoteMachine;
  events: MachineEvent[];
  violations: string[];
  presence: boolean[];
  connect(): ScriptedConnection;
}

export const createScriptedHub = (options: Partial<RemoteMachineOptions> = {}): ScriptedHub => {
  const seen = { events: [] as MachineEvent[], violations: [] as string[], presence: [] as boolean[] };
  const remote = createRemoteMachine({
    nodeId,
    known: [],
    mayHold: (id) => id === sessionId,
    onViolation: (reason) => void seen.violations.push(reason),
    onLoad: () => undefined,
    onPresence: (isConnected) => void seen.presence.push(isConnected),
    onUnexpected: (error) => {
      throw error;
    },
    ...options,
  });
  remote.onEvent((event) => void seen.events.push(event));
  return { ...seen, remote, connect: () => connectTo(remote) };
};

const connectTo = (remote: RemoteMachine): ScriptedConnection => {
  const sent: HubFrame[] = [];
  const closes: { code: number; reason: string }[] = [];
  const connection: ScriptedConnection = {
    sent,
    closes,
    sink: { receive: () => undefined, closed: () => undefined },
    buffered: 0,
    say: (frame) => connection.sink.receive(JSON.stringify(frame)),
    raw: (frame) => connection.sink.receive(frame),
    output: (channel, offset, text) =>
      connection.sink.receive(encodeOutputFrame({ kind: 'output', channel, offset }, [Buffer.from(text)])),
    sync(terminals = [], { service = 'service-1', event = 0 } = {}) {
      connection.say({ type: 'state', service, terminals: terminals.map((terminal) => terminalOf(terminal)) });
      connection.say({ type: 'synced', service, event });
      connection.say({ type: 'heartbeat', load: testLoad });
    },
    framesOf: <T extends HubFrame['type']>(type: T) =>
      sent.filter((frame): frame is HubFrameOf<T> => frame.type === type),
    cut: () => connection.sink.closed(),
  };
  connection.sink = remote.connect({
    send: (frame) => void sent.push(decode(frame)),
    get bufferedBytes() {
      return connection.buffered;
    },
    close: (code, reason) => void closes.push({ code, reason }),
  });
  return connection;
};

/** The JSON of a frame, without the bytes that may come with it. */
const decode = (frame: Frame): HubFrame => {
  if (typeof frame === 'string') return JSON.parse(frame) as HubFrame;
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
  return JSON.parse(new TextDecoder().decode(frame.subarray(5, 5 + length))) as HubFrame;
};
