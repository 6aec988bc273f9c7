/** The hub's log: JSON lines with ids as fields, without credentials, in a file of bounded size. */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { openRotatingFile } from '@navisai/service';

export interface HubLog extends Disposable {
  readonly log: FastifyBaseLogger;
  /** The last lines, oldest first. */
  tail(count: number): string[];
}

const secrets = ['authorization', 'cookie', 'privateKey', 'signature', 'token', 'nonce', 'password', 'key', 'apiKey'];

export const openLog = (folder: string, level: string): HubLog => {
  const file = openRotatingFile(join(folder, 'hub.log'));
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
  return { log, tail: (count) => file.tail(count), [Symbol.dispose]: () => file[Symbol.dispose]() };
};
