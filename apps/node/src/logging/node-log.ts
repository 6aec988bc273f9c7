/** The node's log: JSON lines with ids as fields, without credentials, in a file of bounded size. */
import { pino, type Logger } from 'pino';
import { openRotatingFile } from '@navisai/service';

export interface NodeLog extends Disposable {
  readonly log: Logger;
}

const secrets = ['secret', 'key', 'privateKey', 'signature', 'token', 'nonce', 'NODE_API_KEY'];

export const openLog = (path: string, level: string): NodeLog => {
  const file = openRotatingFile(path);
  const log = pino(
    {
      level,
      base: {},
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
    },
    { write: (line: string) => file.write(line) },
  );
  return { log, [Symbol.dispose]: () => file[Symbol.dispose]() };
};
