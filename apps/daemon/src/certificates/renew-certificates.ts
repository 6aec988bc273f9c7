/** Renews the certificate of a hub that runs for months, without a restart (I3). */
import type { FastifyBaseLogger } from 'fastify';
import { type CertificateSources, openCertificates, type ServedCertificates } from './open-certificates.ts';

export interface RenewalParts extends Omit<CertificateSources, 'now'> {
  served: ServedCertificates;
  log: FastifyBaseLogger;
  /** Takes the new one into use; connections that are open go on. */
  use(certificates: ServedCertificates): void;
}

/** An operator's renewed files are noticed within this time as well. */
const everyMs = 12 * 60 * 60 * 1000;

/** Runs until disposed. */
export const renewCertificates = ({ served, log, use, ...sources }: RenewalParts): Disposable => {
  let present = served;
  const look = async (): Promise<void> => {
    const found = await openCertificates({ ...sources, now: new Date() });
    if (found.certificate === present.certificate) return;
    present = found;
    use(found);
    log.info('the certificate was renewed');
  };
  const timer = setInterval(
    () => void look().catch((error: unknown) => log.error({ err: error }, 'the certificate could not be renewed')),
    everyMs,
  );
  return { [Symbol.dispose]: () => clearInterval(timer) };
};
