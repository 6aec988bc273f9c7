/** Which certificate a connection is shown: the operator's for the names that it holds, else the local one (I3). */
import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ServedCertificates } from './open-certificates.ts';

const minVersion = 'TLSv1.2' as const;

export interface CertificateChooser {
  /** Options of a TLS server. A client that names no host, as the CLI of this machine, gets the local one. */
  readonly options: {
    cert: string;
    key: string;
    minVersion: typeof minVersion;
    SNICallback(name: string, done: (error: Error | null, context?: SecureContext) => void): void;
  };
  /** Takes others into use; connections that are open go on. */
  use(certificates: ServedCertificates, server: Server): void;
}

export const chooseCertificate = (served: ServedCertificates): CertificateChooser => {
  let chosen = contextsOf(served);
  return {
    options: {
      cert: served.certificate,
      key: served.key,
      minVersion,
      // Without a context the server's own, local one counts.
      SNICallback: (name, done) => done(null, chosen.isOperators(name) ? chosen.operator : undefined),
    },
    use(certificates, server) {
      chosen = contextsOf(certificates);
      server.setSecureContext({ cert: certificates.certificate, key: certificates.key, minVersion });
    },
  };
};

const contextsOf = ({ operator }: ServedCertificates) => {
  const leaf = operator && new X509Certificate(operator.certificate);
  return {
    operator: operator && createSecureContext({ cert: operator.certificate, key: operator.key, minVersion }),
    isOperators: (name: string): boolean => leaf?.checkHost(name) !== undefined,
  };
};
