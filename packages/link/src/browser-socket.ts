/** Sockets of the browser (the global WebSocket) for the link. */
import { closeTimeoutMs } from './socket.types.ts';
import type { Socket, SocketClose, SocketRequest, SocketSink } from './socket.types.ts';

/** Opens `request.url` with the global WebSocket. */
export const openBrowserSocket = (request: SocketRequest, sink: SocketSink): Socket => {
  const native = new WebSocket(request.url, request.subprotocols);
  native.binaryType = 'arraybuffer';
  let isOver = false;
  const end = (close: SocketClose): void => {
    if (isOver) return;
    isOver = true;
    sink.onClose(close);
  };
  const socket: Socket = {
    send: (frame) => {
      if (native.readyState === WebSocket.OPEN) native.send(frame);
    },
    get bufferedBytes() {
      return native.bufferedAmount;
    },
    get subprotocol() {
      return native.protocol;
    },
    close: (code = 1000, reason = '') => {
      native.close(code, reason);
      setTimeout(() => end({ code: 1006, reason: 'no answer to close' }), closeTimeoutMs);
    },
    terminate: () => {
      native.close();
      end({ code: 1006, reason: 'terminated' });
    },
  };
  native.addEventListener('open', () => {
    if (!isOver) sink.onOpen(socket);
  });
  native.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
    if (!isOver) sink.onFrame(typeof event.data === 'string' ? event.data : new Uint8Array(event.data));
  });
  native.addEventListener('close', (event) => end({ code: event.code, reason: event.reason }));
  return socket;
};
