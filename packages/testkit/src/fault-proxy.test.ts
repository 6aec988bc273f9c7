/** The faults themselves: what the tests of links rely on. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFaultProxy } from './fault-proxy.ts';
import { until } from './until.ts';

let echo: Server;
let port = 0;
beforeAll(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => {
    echo.listen(0, '127.0.0.1', resolve);
  });
  const address = echo.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => new Promise((resolve) => echo.close(resolve)));

const open = (through: number): { socket: Socket; seen: () => string; isOver: () => boolean } => {
  let text = '';
  let isOver = false;
  const socket = connect(through, '127.0.0.1');
  socket.on('error', () => undefined).on('close', () => (isOver = true));
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { socket, seen: () => text, isOver: () => isOver };
};

test('carries, delays in order, stalls, goes on, cuts and refuses', async () => {
  await using proxy = await startFaultProxy(port);
  const { socket, seen, isOver } = open(proxy.port);
  socket.write('one ');
  await until('one comes', () => seen() === 'one ');
  proxy.setDelay(30);
  const sentAt = performance.now();
  socket.write('two ');
  await until('two comes', () => seen() === 'one two ');
  expect(performance.now() - sentAt).toBeGreaterThan(30);
  proxy.setDelay(0);
  proxy.stall();
  socket.write('three ');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen()).toBe('one two ');
  proxy.resume();
  await until('three comes', () => seen() === 'one two three ');
  proxy.setRefusing(true);
  proxy.cutAll();
  await until('the cut is seen', isOver);
  const refused = open(proxy.port);
  await until('the refusal is seen', refused.isOver);
  expect(proxy.connections).toBe(0);
});
