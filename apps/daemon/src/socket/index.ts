/** The socket edge of the hub: `/ws` (I8, I9). */
import type { Writable } from 'node:stream';
import fastifyWebsocket from '@fastify/websocket';
import {
  NavisError,
  binarySubprotocol,
  maxFrameBytes,
  socketCloseRevoked,
  socketCloseUnauthorized,
  socketPath,
  textSubprotocol,
} from '@navisai/protocol';
import type { TerminalInfo } from '@navisai/protocol';
import type { MachineEvent } from '@navisai/machine';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Hub, SocketAttempt, SocketEdge } from '../hub.ts';
import { Connection, errorEvent } from './connection.ts';
import { handleBytes, handleText } from './handlers.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outlet, busyBytes } from './outlet.ts';
import type { SocketHub } from './subscription.types.ts';
import { TerminalViewers } from './terminal-viewers.ts';

/** Going away (RFC 6455). */
const socketCloseStopping = 1001;
const socketCloseTooLarge = 1009;
/** A client that does not answer the close has this long before its socket is destroyed. */
const closeDeadlineMs = 3_000;
/** Revocation must bite within a second (I14), and the hub's end waits for no client. */
const hastyDeadlineMs = 500;
/** Revocations remembered for credentials that were being checked when they came. */
const maxRevokedRemembered = 1_000;

/** Serves `/ws` and answers what only the sockets know. */
export const registerSocket = async (fastify: FastifyInstance, hub: Hub): Promise<SocketEdge> => {
  const server = new SocketServer(hub);
  await fastify.register(fastifyWebsocket, {
    options: {
      // Twice the limit: frames between the two are read and refused with a reason, larger ones end the connection.
      maxPayload: 2 * maxFrameBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => [binarySubprotocol, textSubprotocol].find((name) => offered.has(name)) ?? false,
    },
    preClose: (done) => {
      server.close();
      done();
    },
    errorHandler: (error, socket) => {
      hub.log.error({ err: error }, 'a socket could not be opened');
      socket.terminate();
    },
  });
  // A scope of its own, so that the route is registered after the plugin has taken hold.
  await fastify.register(async (scope) => {
    scope.get(socketPath, { websocket: true }, (socket, request) => {
      server.accept(socket, { url: request.raw.url ?? '', headers: request.headers }, request.raw.socket);
    });
  });
  return { describeTerminal: (terminal) => server.describeTerminal(terminal) };
};

class SocketServer {
  readonly #hub: Hub;
  readonly #shared: SocketHub;
  readonly #connections = new Set<Connection>();
  readonly #heartbeat = new Heartbeat();
  readonly #revoked = new Set<string>();
  readonly #changedTerminals = new Set<string>();
  readonly #stops: (() => void)[];

  constructor(hub: Hub) {
    this.#hub = hub;
    const viewers = new TerminalViewers({
      setQueryResponder: (terminalId, responder) => {
        // The last viewer of a closed terminal leaves after it.
        if (hub.machine.terminal(terminalId) !== undefined) hub.machine.setQueryResponder(terminalId, responder);
      },
      onChange: (terminalId) => this.#announceChange(terminalId),
    });
    this.#shared = { hub, viewers };
    this.#stops = [
      hub.machine.onEvent((event) => this.#onMachineEvent(event)),
      hub.onDeviceRevoked((deviceId) => this.#onRevoked(deviceId)),
      hub.onStopping(() => this.#onStopping()),
    ];
  }

  describeTerminal(terminal: TerminalInfo): TerminalInfo {
    const { viewers } = this.#shared;
    return { ...terminal, controller: viewers.controllerOf(terminal.id), viewers: viewers.countOf(terminal.id) };
  }

  accept(socket: WebSocket, attempt: SocketAttempt, stream: Writable): void {
    socket.on('error', (error) => this.#hub.log.debug({ err: error }, 'a socket failed'));
    // Nothing is processed before the credential is known to be good (I9).
    socket.pause();
    this.#hub.authenticateSocket(attempt).then(
      (device) => {
        if (this.#revoked.has(device.id)) this.#reject(socket, new NavisError('UNAUTHORIZED'));
        else this.#serve(socket, { device, stream });
        socket.resume();
      },
      (error: unknown) => {
        this.#reject(socket, error);
        socket.resume();
      },
    );
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#heartbeat.close();
    for (const connection of this.#connections) connection.close(socketCloseStopping, 'the hub stops');
  }

  #serve(socket: WebSocket, { device, stream }: { device: Connection['device']; stream: Writable }): void {
    const outlet = new Outlet(socket, { isBinary: socket.protocol === binarySubprotocol, stream });
    const close = (code: number, reason: string): void => closeWithin(socket, { code, reason });
    const connection = new Connection({ shared: this.#shared, device, outlet, close });
    this.#connections.add(connection);
    this.#heartbeat.watch(socket);
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (bytes.length > maxFrameBytes) {
        connection.refuse(new NavisError('PAYLOAD_TOO_LARGE', `A frame is at most ${maxFrameBytes} bytes.`));
        connection.close(socketCloseTooLarge, `a frame is at most ${maxFrameBytes} bytes`);
      } else if (socket.readyState === socket.OPEN) {
        if (isBinary) handleBytes(connection, bytes);
        else handleText(connection, bytes.toString('utf8'));
        this.#readNoFasterThanAnswered(socket, outlet);
      }
    });
    socket.on('close', () => {
      this.#connections.delete(connection);
      connection.end();
    });
  }

  #reject(socket: WebSocket, error: unknown): void {
    const data = errorEvent(error);
    // I9: whatever the reason, the code is one of three, and a refused socket hears UNAUTHORIZED.
    const refusal = { ...data, code: 'UNAUTHORIZED' as const };
    if (!(error instanceof NavisError)) this.#hub.log.error({ err: error }, 'a socket could not be authenticated');
    const told = { type: 'error', data: refusal, timestamp: new Date().toISOString() };
    socket.send(JSON.stringify(told));
    closeWithin(socket, { code: socketCloseUnauthorized, reason: 'unauthorized' });
  }

  /** A client that asks and does not read its answers is not listened to until it does. */
  #readNoFasterThanAnswered(socket: WebSocket, outlet: Outlet): void {
    if (!outlet.isBusy || socket.isPaused) return;
    socket.pause();
    outlet.whenBelow(busyBytes, () => socket.resume());
  }

  #onRevoked(deviceId: string): void {
    this.#revoked.add(deviceId);
    const [oldest] = this.#revoked;
    if (this.#revoked.size > maxRevokedRemembered && oldest !== undefined) this.#revoked.delete(oldest);
    for (const connection of this.#connections)
      if (connection.device.id === deviceId) connection.close(socketCloseRevoked, 'this device was revoked');
  }

  #onStopping(): void {
    for (const connection of this.#connections) {
      connection.outlet.tell('daemon.status', { ...this.#hub.status(), status: 'stopping' });
      connection.close(socketCloseStopping, 'the hub stops');
    }
  }

  #onMachineEvent(event: MachineEvent): void {
    if (!('terminal' in event)) return;
    const { id, columns, rows, endOffset } = event.terminal;
    for (const viewer of this.#shared.viewers.viewersOf(id)) {
      if (event.type === 'terminal.closed') viewer.onClosed(event.reason);
      else viewer.onSize({ columns, rows }, endOffset);
    }
  }

  /** Once per turn of the loop, however many viewers come and go in it. */
  #announceChange(terminalId: string): void {
    if (this.#changedTerminals.size === 0) queueMicrotask(() => this.#announceChanges());
    this.#changedTerminals.add(terminalId);
  }

  #announceChanges(): void {
    const changed = [...this.#changedTerminals];
    this.#changedTerminals.clear();
    for (const terminalId of changed) {
      const terminal = this.#hub.machine.terminal(terminalId);
      if (terminal === undefined) continue;
      const { sessionId } = terminal;
      const data = { change: 'terminal.updated' as const, terminal: this.describeTerminal(terminal) };
      const timestamp = new Date().toISOString();
      this.#hub.events.publish(sessionId, { type: 'session.update', sessionId, data, timestamp });
    }
  }
}

const closeWithin = (socket: WebSocket, { code, reason }: { code: number; reason: string }): void => {
  socket.close(code, reason);
  // Paused sockets would never see the answer to the close.
  socket.resume();
  const isHasty = code === socketCloseRevoked || code === socketCloseStopping;
  const deadline = setTimeout(() => socket.terminate(), isHasty ? hastyDeadlineMs : closeDeadlineMs);
  socket.on('close', () => clearTimeout(deadline));
};
