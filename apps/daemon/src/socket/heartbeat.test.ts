/** Half-open clients are dropped, living ones are kept, also those that only talk. */
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Heartbeat } from './heartbeat.ts';

test('a client that answers no ping is dropped; one that answers, or sends anything, is kept', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const heartbeat = new Heartbeat(5);
  server.on('connection', (socket) => heartbeat.watch(socket));
  await until('the server listens', () => server.address());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const open = (autoPong: boolean): WebSocket => new WebSocket(`ws://127.0.0.1:${port}`, { autoPong });
  const answering = open(true);
  const talking = open(false);
  const dead = open(false);
  let isDeadClosed = false;
  dead.on('close', () => (isDeadClosed = true));
  const talk = setInterval(() => talking.readyState === WebSocket.OPEN && talking.send('still here'), 20);
  let pings = 0;
  answering.on('ping', () => (pings += 1));
  await until('the dead one is dropped', () => isDeadClosed);
  await until('the others live for some rounds', () => pings >= 4);
  expect([answering.readyState, talking.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  clearInterval(talk);
  heartbeat.close();
  for (const client of [answering, talking]) client.terminate();
  server.close();
});
