import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Outlet } from './outlet.ts';

test('L1: the first event of a turn leaves at once, the others of that turn together, all of them in order', async () => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const outlet = new Promise<Outlet>((resolve) => {
    server.on('upgrade', (request, stream: Duplex, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) =>
        resolve(new Outlet(socket, { isBinary: false, stream })),
      ),
    );
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { createConnection: () => connect(port ?? 0, '127.0.0.1') });
  const told: string[] = [];
  client.on('message', (data: Buffer) => told.push((JSON.parse(data.toString()) as { data: { id: string } }).data.id));
  let reads = 0;
  client.on('upgrade', ({ socket }) => socket.on('data', () => (reads += 1)));
  await once(client, 'open');
  const opened = await outlet;
  const ids = Array.from({ length: 10 }, (_, index) => String(index));
  for (const id of ids) opened.tell('pong', { id });
  await once(client, 'message');
  while (told.length < ids.length) await once(client, 'message');
  expect(told).toEqual(ids);
  expect(reads).toBeLessThanOrEqual(2);
  client.terminate();
  sockets.close();
  server.close();
});
