/**
 * The physical limit of our topology on one machine: a plain WebSocket hop to a PTY or a spawn, without TLS or checks;
 * run as a process. With the port of another hop as its argument it only relays to that one.
 */
import { spawn as spawnProgram } from 'node:child_process';
import { spawn } from '@lydell/node-pty';
import WebSocket, { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

const nextPort = process.argv[2];
const highWater = 1024 * 1024;
const lowWater = 256 * 1024;

server.on('connection', (socket, request) => {
  const url = request.url ?? '/';
  const command = new URL(url, 'ws://bare').searchParams.get('command') ?? 'cat';
  if (nextPort !== undefined) relay(socket, `ws://127.0.0.1:${nextPort}${url}`);
  else if (url.startsWith('/run')) runPerMessage(socket, command);
  else showTerminal(socket, command);
});

function relay(near: WebSocket, address: string): void {
  const far = new WebSocket(address, { perMessageDeflate: false });
  near.pause();
  far.on('open', () => near.resume());
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('message', (data: Buffer, isBinary) => {
      to.send(data, { binary: isBinary });
      if (to.bufferedAmount > highWater && !from.isPaused) from.pause();
    });
    from.on('close', () => to.terminate());
  }
  const resume = setInterval(() => {
    if (near.bufferedAmount < lowWater && far.isPaused) far.resume();
    if (far.readyState === far.OPEN && far.bufferedAmount < lowWater && near.isPaused) near.resume();
  }, 1);
  near.on('close', () => clearInterval(resume));
}

function runPerMessage(socket: WebSocket, command: string): void {
  socket.on('message', () => {
    const child = spawnProgram('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.on('close', (code) => socket.send(String(code)));
  });
}

function showTerminal(socket: WebSocket, command: string): void {
  const terminal = spawn('/bin/bash', ['-c', command], {
    encoding: null,
    cols: 120,
    rows: 40,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
  });
  terminal.onData((data) => {
    socket.send(data as unknown as Buffer);
    if (socket.bufferedAmount > highWater) terminal.pause();
  });
  const resume = setInterval(() => {
    if (socket.bufferedAmount < lowWater) terminal.resume();
  }, 1);
  socket.on('message', (data: Buffer) => terminal.write(data));
  terminal.onExit(() => socket.close());
  socket.on('close', () => {
    clearInterval(resume);
    terminal.kill('SIGKILL');
  });
}

server.on('listening', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.send?.(address.port);
});
process.on('disconnect', () => process.exit(0));
