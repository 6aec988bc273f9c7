/** Starts one hub in this process: the composition root of the daemon. */
import { type Machine, maskChild } from '@navisai/machine';
import { placesOf } from './run/open-machine.ts';
import type { Owner } from '@navisai/policy';
import { mainNodeId } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { withDeadline } from '@navisai/service';
import { createHub, type HubServices } from './create-hub.ts';
import { createOriginPolicy, type OriginPolicy } from './http/host-and-origin.ts';
import { listen } from './http/listen.ts';
import { publishNames } from './mdns/publish.ts';
import { openServer } from './open-server.ts';
import { type Foundation, openFoundation } from './run/foundation.ts';
import { loadStore, reconcileSessions } from './run/load-store.ts';
import { tellWhereItRuns } from './run/running-file.ts';
import { createStop, type StopHow } from './run/stop.ts';
import type { TerminalRecorder } from './run/terminal-recorder.ts';
import { startUpkeep } from './run/upkeep.ts';
import type { Config } from './settings/config.ts';

export interface HubOptions {
  config: Config;
  version: string;
  /** `owner`: whose approvals count on it (N12). */
  createMachine(config: Config, log: FastifyBaseLogger, owner: Owner): Machine | Promise<Machine>;
  /** Told of every route that is served. */
  onRoute?: (route: { method: string | string[]; url: string }) => void;
}

export interface RunningHub {
  readonly services: HubServices;
  /** Where people open the PWA. */
  readonly origin: string;
  /** What the person should know, such as that a new CA must be trusted. */
  readonly remarks: readonly string[];
  /** Ends the hub, and its terminals unless `keep`; the first call decides. */
  stop(how: StopHow): Promise<void>;
  /** Resolves when the hub was stopped, by whomever. */
  readonly stopped: Promise<void>;
}

/**
 * Resolves when the hub answers. Rejects NavisError CONFLICT when one runs already, INVALID_ARGUMENT when it cannot be
 * as configured, and with the system's error when its port is taken; nothing of it is left then.
 */
export const startHub = async ({ config, version, createMachine, onRoute }: HubOptions): Promise<RunningHub> => {
  await using opened = new AsyncDisposableStack();
  const foundation = opened.use(await openFoundation(config));
  const machine = opened.use(await createMachine(config, foundation.logs.log, ownerOf(foundation)));
  const address = { port: config.port };
  const origins = createOriginPolicy({ ...config, port: () => address.port });
  const services = createServices({ config, foundation, machine, origins, version, address });
  opened.use(services.keeper);
  opened.use(services.models);
  opened.use(services.nodes);
  opened.use(services.peers);
  opened.use(services.push);
  opened.use(services.recalls);
  const { stop, stopped } = createStop({ services, release: () => kept.disposeAsync() });
  const { server, recorder } = await openServer({ config, foundation, services, origins, stop, opened, onRoute });
  const load = (): Promise<void> => loadStore(services, { host: foundation.host, recorder });
  if ((await services.keeper.start()) === undefined) await load();
  const ports = await listen(server, { config, opened });
  address.port = ports.port;
  const origin = originOf(config, address.port);
  const remarks = [...foundation.certificates.remarks, ...ports.remarks];
  opened.use(tellWhereItRuns({ foundation, version, origin, ...ports, remarks }));
  if (config.bridge?.mdns === true)
    opened.use(
      publishNames({
        port: config.bridge.publicPort,
        origin,
        version,
        runFolder: foundation.home.run,
        log: foundation.logs.log,
      }),
    );
  await startMachine(services, recorder);
  opened.use(startUpkeep({ services, load: () => load().then(() => agree(services, recorder)), now: Date.now }));
  const kept = opened.move();
  return { services, origin, remarks, stop, stopped };
};

/** I2: the canonical one when the bridge is set up, else the first that is configured. */
const originOf = ({ origins, bridge }: Config, port: number): string => {
  if (bridge === undefined) return origins[0] ?? `https://localhost:${port}`;
  return bridge.publicPort === 443 ? 'https://navis.local' : `https://navis.local:${bridge.publicPort}`;
};

interface ServicesParts {
  config: Config;
  foundation: Foundation;
  machine: Machine;
  origins: OriginPolicy;
  version: string;
  /** Its port is known when the hub listens. */
  address: { port: number };
}

const ownerOf = ({ hubId, host }: Foundation): Owner => ({
  deviceId: host.device.id,
  publicKey: host.publicKey,
  hubId,
});

const createServices = ({ config, foundation, machine, origins, version, address }: ServicesParts): HubServices =>
  createHub({
    version,
    machine,
    origins,
    startedAtMs: foundation.startedAtMs,
    hubId: foundation.hubId,
    sign: (text) => foundation.sign(text),
    host: foundation.host,
    log: foundation.logs.log,
    now: Date.now,
    storeFile: foundation.home.storeFile,
    storeLifeFile: foundation.home.storeLifeFile,
    keysFolder: foundation.home.keys,
    keyring: config.keyring,
    runFolder: foundation.home.run,
    contentsFolder: foundation.home.contents,
    personHome: config.person.home,
    mcpServers: config.mcpServers,
    mask: (program) => maskChild(placesOf(config), program),
    acpAgents: config.acpAgents,
    profilesFolder: foundation.home.profiles,
    origin: () => originOf(config, address.port),
    nodeOrigin: () => config.origins[0] ?? originOf(config, address.port),
  });

/** Hosts that are adopted answer in milliseconds; the login environment has its own, shorter limit. */
const machineStartDeadlineMs = 20_000;

/** After the port is ours, so that a hub which cannot listen starts no process. */
const startMachine = async (services: HubServices, recorder: TerminalRecorder): Promise<void> => {
  services.nodes.onConnected((nodeId) => recorder.reconcile(nodeId));
  await withDeadline(services.hub.machine.start(), { ms: machineStartDeadlineMs, what: 'starting the terminals' });
  await agree(services, recorder);
  await startAgents(services);
  // So that the list of nodes tells what limits this one; nobody waits for it.
  void services.nodes.policies.look(mainNodeId);
  services.ready.resolve();
};

/** A store that cannot be written must not keep the hub from starting. */
const startAgents = async ({ agents, peers, push, recalls, hub }: HubServices): Promise<void> => {
  peers.start();
  try {
    await agents.start();
  } catch (error) {
    hub.log.error({ err: error }, 'runs that were interrupted could not be marked');
  }
  push.start();
  // After the runs of before, so that a recall of before finds its own.
  await recalls.start();
};

/** Makes store and machine tell the same; a store that cannot be read is looked at again later. */
const agree = async (services: HubServices, recorder: TerminalRecorder): Promise<void> => {
  if (services.keeper.problem()?.kind === 'unreadable') return;
  await reconcileSessions(services);
  recorder.reconcile();
};
