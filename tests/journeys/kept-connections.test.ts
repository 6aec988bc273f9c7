/** A kept connection that was closed meanwhile is no failure of a call, and never makes the hub do it twice (I13). */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { startHub } from '@navisai/testkit';
import { expect, test } from 'vitest';

type Loss = 'before the hub has it' | 'when the hub has answered';

/** Carries bytes to `port`; the next request on a connection that is there already is lost once. */
class LosingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  connections = 0;
  loss: Loss | undefined;

  constructor(targetPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.connections += 1;
      const hub = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
      let lost: Loss | undefined;
      client.on('data', (bytes) => {
        lost = this.loss ?? lost;
        this.loss = undefined;
        if (lost === 'before the hub has it') client.resetAndDestroy();
        else hub.write(bytes);
      });
      hub.on('data', (bytes) => {
        if (lost === undefined) client.write(bytes);
        else client.resetAndDestroy();
      });
      client.on('close', () => hub.destroy());
      hub.on('close', () => client.destroy());
      for (const socket of [client, hub]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('I13: a call on a kept connection that the hub closed is made once more; one that it took is refused, not done twice', async () => {
  await using hub = await startHub();
  await using proxy = new LosingProxy(hub.port);
  const { api } = await hub.connect({ origin: `https://localhost:${await proxy.listen()}` });
  const titles = async () => (await hub.host.api.sessions()).sessions.map(({ title }) => title);
  await api.sessions();
  const before = proxy.connections;
  proxy.loss = 'before the hub has it';
  expect(await api.createSession({ body: { title: 'lost on the way' } })).toMatchObject({ title: 'lost on the way' });
  expect(proxy.connections).toBe(before + 1);
  await api.sessions();
  proxy.loss = 'when the hub has answered';
  await expect(api.createSession({ body: { title: 'taken' } })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  expect((await titles()).filter((title) => title === 'lost on the way' || title === 'taken').toSorted()).toEqual([
    'lost on the way',
    'taken',
  ]);
});

test('I13: a call after a restart of the hub goes through at once, and once', async () => {
  await using hub = await startHub();
  await using proxy = new LosingProxy(hub.port);
  const { api } = await hub.connect({ origin: `https://localhost:${await proxy.listen()}` });
  await api.sessions();
  await hub.stopKeeping();
  await hub.start();
  expect((await api.createSession({ body: { title: 'after' } })).title).toBe('after');
  expect((await api.sessions()).sessions.filter(({ title }) => title === 'after')).toHaveLength(1);
});
