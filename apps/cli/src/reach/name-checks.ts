/** Whether the certificate that the hub shows for each of its names holds that name, and is one that clients can trust (I3). */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect, getCACertificates } from 'node:tls';
import type { Check, Finding } from '../doctor/check.types.ts';
import { homeFiles, readLocalAuthority } from '../hub/home.ts';
import { canonicalName } from './reach-checks.ts';

const answerDeadlineMs = 3_000;
const maxOrigins = 50;

/** The hub judges the file; what cannot be read here is told elsewhere. */
const configuredHosts = (home: string): string[] => {
  try {
    const { origins, bridge } = JSON.parse(readFileSync(join(home, homeFiles.config), 'utf8')) as {
      origins?: unknown;
      bridge?: unknown;
    };
    const texts = Array.isArray(origins) ? origins.slice(0, maxOrigins).filter((one) => URL.canParse(String(one))) : [];
    const hosts = texts.map((one) => new URL(String(one)).hostname.replace(/^\[|\]$/g, ''));
    return [...new Set([...(bridge === undefined ? [] : [canonicalName]), ...hosts])];
  } catch {
    return [];
  }
};

export const checkNames: Check = async ({ condition, environment: { home } }) => {
  const hosts = configuredHosts(home);
  if (condition?.kind !== 'running' || hosts.length === 0) return [];
  const local = (await readLocalAuthority(home))?.pem;
  const roots = [
    ...(local === undefined ? [] : [local]),
    ...getCACertificates('default'),
    ...getCACertificates('system'),
  ];
  const outcomes = await Promise.all(hosts.map((host) => look({ host, port: condition.port, roots })));
  const findings = outcomes.filter((finding) => finding !== undefined);
  if (findings.length > 0) return findings;
  return [{ check, state: 'ok', message: `the certificate holds ${hosts.join(', ')}` }];
};

/** `undefined` when nothing is wrong. */
const look = async (target: { host: string; port: number; roots: string[] }): Promise<Finding | undefined> => {
  const { host, port, roots } = target;
  const isAddress = isIP(host) !== 0;
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: roots,
    timeout: answerDeadlineMs,
    ...(isAddress ? { checkServerIdentity: () => undefined } : { servername: host }),
  });
  socket.on('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'secureConnect');
    const holds = !isAddress || socket.getPeerX509Certificate()?.checkIP(host) !== undefined;
    return holds ? undefined : broken(host, 'the certificate does not hold this address');
  } catch (error) {
    return explain(host, error);
  } finally {
    socket.destroy();
  }
};

const check = 'names';

const broken = (host: string, problem: string): Finding => ({
  check,
  state: 'problem',
  message: `${host}: ${problem}`,
  remedy: 'navisai restart, then navisai trust',
});

/** A CA that this machine does not know may well be known to those who use the name. */
const explain = (host: string, error: unknown): Finding => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY))/.test(code))
    return {
      check,
      state: 'warning',
      message: `${host}: this machine does not know the CA of the certificate, or the chain is not complete`,
      remedy: 'Put the chain into certificateFile; clients that do not know the CA: navisai login --ca <file>',
    };
  return broken(host, error instanceof Error ? error.message : String(error));
};
