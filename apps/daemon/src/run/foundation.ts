/** What a hub stands on before it serves anything: its home, the lock on it, its log, keys and certificates. */
import { sign } from 'node:crypto';
import { acquireProcessLock } from '@navisai/service';
import { namesOf } from '../certificates/certified-names.ts';
import { openCertificates, type ServedCertificates } from '../certificates/open-certificates.ts';
import { type HubLog, openLog } from '../logging/logger.ts';
import type { Config } from '../settings/config.ts';
import { type HomeFolder, openHomeFolder } from '../settings/home-folder.ts';
import { type HostDevice, openHostDevice } from './host-device.ts';
import { openIdentity } from './identity.ts';

export interface Foundation extends Disposable {
  readonly startedAtMs: number;
  readonly home: HomeFolder;
  readonly logs: HubLog;
  readonly hubId: string;
  /** By the hub's own key; base64. */
  sign(text: string): string;
  readonly certificates: ServedCertificates;
  readonly host: HostDevice;
}

/** Rejects NavisError CONFLICT when a hub runs here already, INVALID_ARGUMENT when the operator's certificate cannot be used. */
export const openFoundation = async (config: Config): Promise<Foundation> => {
  const startedAtMs = Date.now();
  const now = new Date(startedAtMs);
  using opened = new DisposableStack();
  const home = openHomeFolder(config.home);
  opened.use(acquireProcessLock(home.lockFile, 'A hub is running here already.'));
  const logs = opened.use(openLog(home.logs, config.logLevel));
  const { publicText: hubId, privateKey } = openIdentity(home.identityFile);
  const certificates = await openCertificates({
    folder: home.certificates,
    names: namesOf(config),
    operator: config.certificate,
    now,
  });
  const caFile = certificates.authorityFile;
  const host = openHostDevice({ path: home.hostDeviceFile, hubId, caFile, now: now.toISOString() });
  const signText = (text: string): string => sign(null, Buffer.from(text), privateKey).toString('base64');
  const kept = opened.move();
  return {
    startedAtMs,
    home,
    logs,
    hubId,
    sign: signText,
    certificates,
    host,
    [Symbol.dispose]: () => kept.dispose(),
  };
};
