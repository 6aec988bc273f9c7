/** The physical limit of our topology on one machine: a plain WebSocket hop to a PTY, without TLS or checks; run as a process. */
import { spawn } from '@lydell/node-pty';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const command = new URL(request.url ?? '/', 'ws://bare').searchParams.get('command') ?? 'cat';
  const terminal = spawn('/bin/bash', ['-c', command], {
    encoding: null,
    cols: 120,
    rows: 40,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
  });
  terminal.onData((data) => {
    socket.send(data as unknown as Buffer);
    if (socket.bufferedAmount > 1024 * 1024) terminal.pause();
  });
  const resume = setInterval(() => {
    if (socket.bufferedAmount < 256 * 1024) terminal.resume();
  }, 1);
  socket.on('message', (data: Buffer) => terminal.write(data));
  terminal.onExit(() => socket.close());
  socket.on('close', () => {
    clearInterval(resume);
    terminal.kill('SIGKILL');
  });
});

server.on('listening', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.send?.(address.port);
});
process.on('disconnect', () => process.exit(0));
