/** Makes sure that it is the hub which answers, before anything secret is sent: by the system's CAs, or by its own CA that a person confirms. */
import type { HubConnection } from '@navisai/client';
import { connectNode, lookupFor } from '@navisai/client/node';
import { NavisError, type HubStatus, routes } from '@navisai/protocol';
import { request } from 'node:https';
import { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import { parseAuthority } from '../trust/authority.ts';

export interface VerifiedHub {
  /** PEM of the CA to pin; without it the system's CAs vouch for the hub. */
  ca: string | undefined;
  status: HubStatus;
  connection: HubConnection;
}

export interface VerifyRequest {
  origin: string;
  /** SHA-256 of the CA, when it is known from elsewhere. */
  expected: string | undefined;
  /** PEM of the CA that the person names: nothing else vouches for the hub then. */
  givenCa?: string | undefined;
  /** Asks the person whether the hub shows the same. */
  confirm(fingerprint: string): Promise<boolean>;
}

const answerDeadlineMs = 10_000;
const maxCertificateBytes = 64 * 1024;

/** Rejects with a CommandError; nothing but public requests was sent then. */
export const verifyHub = async ({ origin, expected, givenCa, confirm }: VerifyRequest): Promise<VerifiedHub> => {
  if (givenCa !== undefined) return requireTrusted(origin, givenCa);
  const bySystem = await ask(origin, undefined);
  if (!('tlsProblem' in bySystem)) return { ca: undefined, ...bySystem };
  const ca = await fetchAuthority(origin);
  const { fingerprint } = parseAuthority({ pem: ca, path: `The certificate of ${origin}` });
  if (expected !== undefined && expected !== fingerprint) throw notThisHub(origin);
  if (expected === undefined && !(await confirm(fingerprint))) throw notConfirmed();
  return requireTrusted(origin, ca);
};

const requireTrusted = async (origin: string, ca: string): Promise<VerifiedHub> => {
  const answer = await ask(origin, ca);
  if ('tlsProblem' in answer) throw untrusted(origin, answer.tlsProblem);
  return { ca, ...answer };
};

type Answer = { status: HubStatus; connection: HubConnection } | { tlsProblem: NodeJS.ErrnoException };

const ask = async (origin: string, ca: string | undefined): Promise<Answer> => {
  const connection = connectNode({ origin, ca });
  try {
    const status = await connection.api.status(undefined, { timeoutMs: answerDeadlineMs });
    return { status, connection };
  } catch (error) {
    connection.close();
    const cause = causeOf(error);
    if (isTlsProblem(cause)) return { tlsProblem: cause };
    throw unreachable(origin, cause ?? error);
  }
};

const causeOf = (error: unknown): NodeJS.ErrnoException | undefined =>
  error instanceof NavisError && error.code === 'HUB_UNREACHABLE' && error.cause instanceof Error
    ? error.cause
    : undefined;

const isTlsProblem = (error: NodeJS.ErrnoException | undefined): error is NodeJS.ErrnoException =>
  error !== undefined &&
  /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(error.code ?? '');

/** Over a connection that proves nothing: what comes is only believed after its fingerprint was compared. */
const fetchAuthority = (origin: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const url = new URL(origin);
    const lookup = lookupFor(origin);
    const outgoing = request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port || 443,
        path: routes.caCertificate.path,
        rejectUnauthorized: false,
        agent: false,
        signal: AbortSignal.timeout(answerDeadlineMs),
        ...(lookup === undefined ? {} : { lookup }),
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > maxCertificateBytes) incoming.destroy(new Error('the answer is too large'));
        });
        incoming.on('error', (error) => reject(unreachable(origin, error)));
        incoming.on('end', () => {
          if (incoming.statusCode === 200) resolve(text);
          else reject(refused(origin, text));
        });
      },
    );
    outgoing.on('error', (error) => reject(unreachable(origin, error)));
    outgoing.end();
  });

const nothingSent = 'Nothing secret was sent, nothing was stored.';

const unreachable = (origin: string, error: unknown): CommandError => {
  const reason = error instanceof Error ? printable(error.message, 300) : 'it does not answer';
  return new CommandError(`The hub at ${origin} cannot be reached: ${reason}`, {
    code: 'HUB_UNREACHABLE',
    exitCode: 3,
    affects: nothingSent,
    remedy: 'At the hub: navisai doctor tells under which addresses it can be reached.',
  });
};

const refused = (origin: string, answer: string): CommandError => {
  const message = /"message":"([^"]{1,300})"/.exec(answer)?.[1];
  return new CommandError(`The hub at ${origin} refused: ${printable(message ?? 'this is no answer of a hub')}`, {
    code: 'FORBIDDEN',
    exitCode: 4,
    affects: nothingSent,
    remedy: `At the hub, name this address in "origins" of config.json, then: navisai restart`,
  });
};

const notThisHub = (origin: string): CommandError =>
  new CommandError(`What answers at ${origin} is not the hub that made this link: its CA has another fingerprint.`, {
    code: 'FORBIDDEN',
    exitCode: 4,
    affects: nothingSent,
    remedy: 'Somebody may be in between. Compare with what the hub shows: navisai trust --phone',
  });

const notConfirmed = (): CommandError =>
  new CommandError('The fingerprint was not confirmed.', { code: 'CANCELLED', exitCode: 1, affects: nothingSent });

const untrusted = (origin: string, problem: NodeJS.ErrnoException): CommandError => {
  const isName = problem.code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  const { host } = new URL(origin);
  const message = isName
    ? `The certificate of the hub does not hold ${host}.`
    : `The certificate at ${origin} is not from that CA: ${printable(problem.message, 300)}`;
  return new CommandError(message, {
    code: 'FORBIDDEN',
    exitCode: 4,
    affects: nothingSent,
    remedy: isName
      ? `At the hub, add "${origin}" to "origins" of config.json, then: navisai restart`
      : 'If whoever runs the hub gave it a certificate of another CA: navisai login --ca <file of that CA>',
  });
};
