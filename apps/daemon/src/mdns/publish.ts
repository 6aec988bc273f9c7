/** Publishes `navis.local` and `_navisai._tcp` while the bridge is set up, unless another hub has the name (I16). */
import { readdirSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { writePrivateFile } from '@navisai/service';

export interface Publication {
  /** The port that the bridge owns. */
  port: number;
  origin: string;
  version: string;
  runFolder: string;
  log: FastifyBaseLogger;
  /** Another name than `navis`, for tests beside other hubs. */
  host?: string;
}

export type PublicationState = 'publishing' | 'published' | 'taken' | 'failed';

const serviceType = 'navisai';
const usualHost = 'navis';
/** Probing takes about a second; a network that comes up late is joined by the library itself. */
const goodbyeDeadlineMs = 1_000;

/** Returns at once; how it went is told in the log and in `run/mdns.json`, for `navisai doctor`. Never rejects. */
export const publishNames = (publication: Publication): AsyncDisposable => {
  const { log, runFolder } = publication;
  const tell = (state: PublicationState, detail?: string): void => {
    const facts = {
      state,
      name: `${publication.host ?? usualHost}.local`,
      ...(detail === undefined ? {} : { detail }),
    };
    if (state === 'taken' || state === 'failed') log.warn(facts, 'names of the network');
    else log.info(facts, 'names of the network');
    try {
      writePrivateFile(join(runFolder, 'mdns.json'), `${JSON.stringify({ ...facts, pid: process.pid })}\n`);
    } catch (error) {
      log.warn({ err: error }, 'the state of the names could not be written');
    }
  };
  const opened = advertise(publication, tell).catch((error: unknown) => {
    tell('failed', error instanceof Error ? error.message : String(error));
    return undefined;
  });
  return {
    async [Symbol.asyncDispose]() {
      const end = (await opened)?.();
      const late = new Promise<void>((resolve) => setTimeout(resolve, goodbyeDeadlineMs).unref());
      await Promise.race([end?.catch(() => undefined), late]);
    },
  };
};

type Tell = (state: PublicationState, detail?: string) => void;

/** Resolves with what takes the names back. */
const advertise = async (publication: Publication, tell: Tell): Promise<() => Promise<void>> => {
  tell('publishing');
  const { getResponder } = await import('@homebridge/ciao');
  const { port, origin, version, host = usualHost } = publication;
  const responder = getResponder({ interface: interfaceNames() });
  const service = responder.createService({
    name: `Navis on ${hostname().slice(0, 40)}`,
    type: serviceType,
    hostname: host,
    port,
    txt: { version, tls: '1', origin },
  });
  let isTaken = false;
  service.on('hostname-change', () => {
    if (isTaken) return;
    isTaken = true;
    tell('taken', 'another machine of this network has the name');
    void service.destroy();
  });
  try {
    await service.advertise();
    if (!isTaken) tell('published');
  } catch (error) {
    if (!isTaken) tell('failed', error instanceof Error ? error.message : String(error));
  }
  return () => responder.shutdown();
};

/** Also those that are down now. The library's own list leaves out `eth0@if7`, as interfaces of containers are shown. */
const interfaceNames = (): string[] | undefined => {
  const names = new Set([...Object.keys(networkInterfaces()), ...kernelInterfaces()]);
  return names.size === 0 ? undefined : [...names];
};

const kernelInterfaces = (): string[] => {
  try {
    return readdirSync('/sys/class/net');
  } catch {
    return [];
  }
};
