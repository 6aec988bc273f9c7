/**
 * Nonces whose timestamps lie in the future, kept on disk: timestamps before the hub's start are refused, so only these
 * could be used once more after a restart (I13).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFileIfThere, writePrivateFile } from '@navisai/service';

export interface UsedNonce {
  deviceId: string;
  nonce: string;
  timestampMs: number;
}

export interface FutureNonces extends Disposable {
  /** Those of earlier hubs that could still be used. */
  readonly earlier: readonly UsedNonce[];
  /** Keeps one before its request is served; answers false when it cannot: the request must be refused then. */
  keep(nonce: UsedNonce): boolean;
}

/** A file of this size is written anew; more requests than this in the future than fit are refused. */
const maxBytes = 4 * 1024 * 1024;

/** The file is opened when the first such request comes: clocks of this machine never need it. */
export const openFutureNonces = (path: string, now: () => number): FutureNonces => {
  const earlier = readNonces(path).filter((nonce) => nonce.timestampMs > now());
  let kept = earlier;
  let file: number | undefined;
  let bytes = 0;

  const rewrite = (): void => {
    if (file !== undefined) closeSync(file);
    kept = kept.filter((nonce) => nonce.timestampMs > now());
    const content = kept.map(formatNonce).join('');
    writePrivateFile(path, content);
    bytes = content.length;
    file = openSync(path, 'a', 0o600);
  };

  return {
    earlier,
    keep(nonce) {
      const line = formatNonce(nonce);
      try {
        if (file === undefined || bytes + line.length > maxBytes) rewrite();
        if (file === undefined || bytes + line.length > maxBytes) return false;
        writeSync(file, line);
      } catch {
        return false;
      }
      kept.push(nonce);
      bytes += line.length;
      return true;
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};

const formatNonce = ({ deviceId, nonce, timestampMs }: UsedNonce): string => `${timestampMs} ${deviceId} ${nonce}\n`;

const readNonces = (path: string): UsedNonce[] =>
  (readFileIfThere(path) ?? '').split('\n').flatMap((line) => {
    const [timestamp, deviceId, nonce] = line.split(' ');
    if (timestamp === undefined || deviceId === undefined || nonce === undefined) return [];
    return [{ timestampMs: Number(timestamp), deviceId, nonce }];
  });
