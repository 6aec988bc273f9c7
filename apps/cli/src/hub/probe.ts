/** Asks a hub for its public status, as cheaply as possible: `navisai status` must start fast (S1). */
import type { HubStatus } from '@navisai/protocol';
import { request } from 'node:https';

export type Probe =
  | { kind: 'answered'; status: HubStatus }
  /** Nothing listens there. */
  | { kind: 'refused' }
  /** Something takes the connection but does not answer in time: a hung hub. */
  | { kind: 'silent' }
  /** Somebody else listens there: no hub, or the hub of another home. */
  | { kind: 'stranger'; reason: string };

export interface ProbeTarget {
  port: number;
  /** Default: this machine's own. */
  address?: string;
  /** The name that the certificate must hold; default: the address. */
  name?: string;
  /** PEM; without it the answer cannot be told from a stranger's and counts as one. */
  ca: string | undefined;
  timeoutMs: number;
}

const maxAnswerBytes = 1024 * 1024;

export const probeHub = (target: ProbeTarget): Promise<Probe> =>
  new Promise((resolve) => {
    const { port, ca, timeoutMs, address = '127.0.0.1', name } = target;
    const outgoing = request(
      {
        host: address,
        port,
        ...(name === undefined ? {} : { servername: name, headers: { host: `${name}:${port}` } }),
        path: '/status',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca === undefined ? {} : { ca }),
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > maxAnswerBytes) incoming.destroy(new Error('the answer is too large'));
        });
        incoming.on('error', (error) => resolve(fromFailure(error)));
        incoming.on('end', () => resolve(fromAnswer(text)));
      },
    );
    outgoing.on('error', (error) => resolve(fromFailure(error)));
    outgoing.end();
  });

const fromAnswer = (text: string): Probe => {
  try {
    const status = JSON.parse(text) as Partial<HubStatus> | null;
    if (typeof status?.hubId === 'string' && typeof status.status === 'string')
      return { kind: 'answered', status: status as HubStatus };
  } catch {
    // Not JSON, so not a hub.
  }
  return { kind: 'stranger', reason: 'its answer is not that of a hub' };
};

const fromFailure = (error: NodeJS.ErrnoException): Probe => {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return { kind: 'silent' };
  switch (error.code) {
    case 'ECONNREFUSED':
      return { kind: 'refused' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'silent' };
    default:
      return { kind: 'stranger', reason: reasonOf(error) };
  }
};

const reasonOf = (error: NodeJS.ErrnoException): string =>
  /^(SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|CERT_)/.test(error.code ?? '')
    ? 'its certificate is not from this home'
    : 'it does not speak HTTPS';
