/** Plain HTTP on loopback in front of the hub, for programs that cannot be told of its certificate; adds a credential. */
import { createServer } from 'node:http';
import { request } from 'node:https';

export interface PlainDoor extends AsyncDisposable {
  origin: string;
}

export const startPlainDoor = async (hub: { port: number; ca: string; authorization?: string }): Promise<PlainDoor> => {
  const server = createServer((from, to) => {
    const { port } = server.address() as { port: number };
    const own = `127.0.0.1:${port}`;
    // What names this door names the hub; everything else stays foreign.
    const names = (value: string | undefined): string | undefined =>
      value?.replace(own, `localhost:${hub.port}`).replace(`localhost:${port}`, `localhost:${hub.port}`);
    const headers = {
      ...from.headers,
      host: names(from.headers.host),
      ...(from.headers.origin === undefined
        ? {}
        : { origin: names(from.headers.origin)?.replace('http://localhost:', 'https://localhost:') }),
      ...(hub.authorization === undefined ? {} : { authorization: hub.authorization }),
    };
    const facts = {
      host: '127.0.0.1',
      servername: 'localhost',
      port: hub.port,
      ca: hub.ca,
      method: from.method,
      path: from.url,
      headers,
    };
    const onward = request(facts, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    to.on('close', () => onward.destroy());
    from.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
