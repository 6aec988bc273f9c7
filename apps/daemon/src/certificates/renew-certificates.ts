/** Renews the certificates of a hub that runs for months, without a restart (I3). */
import { statSync } from 'node:fs';
import type { FastifyBaseLogger } from 'fastify';
import { type CertificateSources, openCertificates, type ServedCertificates } from './open-certificates.ts';

export interface RenewalParts extends Omit<CertificateSources, 'now'> {
  served: ServedCertificates;
  log: FastifyBaseLogger;
  /** Takes them into use; connections that are open go on. */
  use(certificates: ServedCertificates): void;
  operatorEveryMs?: number;
}

/** For the age of the local ones. */
const everyMs = 12 * 60 * 60 * 1000;
/** The operator's files are looked at: a watch would lose those that are replaced through links, as ACME clients do. */
const operatorEveryMs = 10_000;

/** Runs until disposed. Files that cannot be used (half written, expired) change nothing, and are looked at again. */
export const renewCertificates = (parts: RenewalParts): Disposable => {
  const { served, log, use, operatorEveryMs: lookEveryMs = operatorEveryMs, ...sources } = parts;
  let present = served;
  let toldProblem = '';
  const look = async (): Promise<void> => {
    try {
      const found = await openCertificates({ ...sources, now: new Date() });
      toldProblem = '';
      if (found.certificate === present.certificate && isSamePair(found.operator, present.operator)) return;
      present = found;
      use(found);
      log.info('the certificate was renewed');
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== toldProblem) log.error({ err: error }, 'the certificate could not be renewed');
      toldProblem = problem;
    }
  };
  const stamp = (): string => (sources.operator === undefined ? '' : stampOf(Object.values(sources.operator)));
  let seen = stamp();
  const lookAtFiles = (): void => {
    const found = stamp();
    if (found === seen && toldProblem === '') return;
    seen = found;
    void look();
  };
  const timer = setInterval(() => void look(), everyMs);
  const fileTimer = sources.operator === undefined ? undefined : setInterval(lookAtFiles, lookEveryMs);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      clearInterval(fileTimer);
    },
  };
};

const isSamePair = (one: ServedCertificates['operator'], other: ServedCertificates['operator']): boolean =>
  one?.certificate === other?.certificate && one?.key === other?.key;

/** Changes when one of the files, or what a link points to, changes. */
const stampOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? '' : `${stat.dev}:${stat.ino}:${stat.mtimeMs}:${stat.size}`;
    })
    .join(' ');
