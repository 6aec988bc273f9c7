/** Puts the hub together: store, identity, machine, authentication and services, behind the face that the edges use. */
import { type Machine, verifySignature } from '@navisai/machine';
import { type Device, mainNodeId } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, type StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { type Agents, createAgents } from './agents/create-agents.ts';
import { createPeers, type Peers, type PeersParts } from './agents/create-peers.ts';
import { Projects } from './agents/projects/projects.ts';
import { createUnattended, type Unattended } from './agents/create-unattended.ts';
import { createDecisions, type Decisions } from './agents/gate/create-decisions.ts';
import { openKeyVault } from './agents/models/key-vault.ts';
import { openKeyring } from './agents/models/keyring/open-keyring.ts';
import type { KeyringSettings } from './agents/models/keyring/keyring.types.ts';
import { ModelRegistry } from './agents/models/model-registry.ts';
import { createProfiles, type ProfileService } from './agents/profiles/profiles.ts';
import type { Authenticator } from './authentication/authenticate.ts';
import type { OriginPolicy } from './http/host-and-origin.ts';
import { createHubFace } from './hub-face.ts';
import type { Hub } from './hub.ts';
import type { HostDevice } from './run/host-device.ts';
import { Nodes } from './nodes/nodes.ts';
import { createDevices, type Devices } from './services/devices.ts';
import { Enrolments } from './services/pairing/enrolments.ts';
import { Pairing } from './services/pairing/pairing.ts';
import { Revocations } from './services/pairing/revocations.ts';
import { createSessions, type Sessions } from './services/sessions.ts';
import type { Config } from './settings/config.ts';

export interface HubParts {
  version: string;
  startedAtMs: number;
  now: () => number;
  storeFile: string;
  /** No part of a backup. */
  storeLifeFile: string;
  runFolder: string;
  profilesFolder: string;
  contentsFolder: string;
  keysFolder: string;
  /** `undefined`: keys of models are opened by a file. */
  keyring: KeyringSettings | undefined;
  hubId: string;
  /** By the hub's key; base64. */
  sign(text: string): string;
  host: HostDevice;
  machine: Machine;
  log: FastifyBaseLogger;
  origins: OriginPolicy;
  /** The home directory of the person. */
  personHome: string;
  mcpServers: Config['mcpServers'];
  mask: PeersParts['mask'];
  acpAgents: Config['acpAgents'];
  /** Where people open the PWA. */
  origin: () => string;
  /** Where nodes dial to. */
  nodeOrigin: () => string;
}

export interface HubServices extends Unattended, Omit<Decisions, 'gate'> {
  hub: Hub;
  /** The device of the CLI on this machine. */
  host: Device;
  keeper: StoreKeeper;
  feed: StoreFeed;
  authenticator: Authenticator;
  devices: Devices;
  enrolments: Enrolments;
  revocations: Revocations;
  sessions: Sessions;
  pairing: Pairing;
  nodes: Nodes;
  profiles: ProfileService;
  models: ModelRegistry;
  agents: Agents;
  peers: Peers;
  projects: Projects;
  /** Resolved when the machine has started and agrees with the store: only then devices are served. */
  ready: PromiseWithResolvers<void>;
  /** From now on `status` says `stopping`; everyone who asked to be told is told. */
  beginStop(): void;
}

export const createHub = (parts: HubParts): HubServices => {
  const { now, machine, log, hubId } = parts;
  const keeper = new StoreKeeper(() => openSqliteStore({ file: parts.storeFile, lifeFile: parts.storeLifeFile }));
  const feed = createEventFeed(keeper, createMemoryBus());
  const devices = createDevices({ keeper, feed, now });
  const owner = { deviceId: parts.host.device.id, publicKey: parts.host.publicKey, hubId };
  const enrolments = new Enrolments({ owner, sign: (text) => parts.host.sign(text), verify: verifySignature, now });
  const pairing = new Pairing({ keeper, feed, devices, enrolments, hubId, now, origin: parts.origin });
  const sessions = createSessions({ keeper, feed, instanceId: mainNodeId, now });
  const nodes = new Nodes({
    ...parts,
    keeper,
    feed,
    main: machine,
    origin: parts.nodeOrigin,
    revocations: () => revocations.signed,
    restoreSession: (request) => sessions.restore(request),
  });
  const revocations = new Revocations({
    devices,
    owner,
    sign: (text) => parts.host.sign(text),
    renewEnrolments: () => enrolments.addMissing(keeper.store, feed),
    tell: (signed) => nodes.learnRevocations(signed),
    now,
    log,
  });
  const vault = openKeyVault({ folder: parts.keysFolder, account: hubId, keyring: openKeyring(parts.keyring) });
  const models = new ModelRegistry({ keeper, feed, vault, log, now });
  const profiles = createProfiles({ folder: parts.profilesFolder });
  const { gate, ...decisions } = createDecisions({
    ...parts,
    keeper,
    feed,
    devices,
    pairing,
    nodes,
    owner,
  });
  const services = {
    keeper,
    feed,
    devices,
    enrolments,
    revocations,
    pairing,
    ...decisions,
    sessions,
    nodes,
    models,
    profiles,
  };
  const agents = createAgents({
    ...parts,
    ...services,
    gate,
    instanceId: mainNodeId,
    loopFor: (actor) => peers.loopFor(actor),
  });
  const peers: Peers = createPeers({ ...parts, ...services, agents, gate });
  const projects = new Projects({ ...parts, ...services });
  const unattended = createUnattended({ ...parts, ...services, agents, instanceId: mainNodeId });
  const face = createHubFace(parts, services);
  const beginStop = (): void => {
    unattended.recalls.leave();
    projects.leave();
    face.beginStop();
  };
  return {
    ...services,
    ...face,
    host: parts.host.device,
    agents,
    peers,
    ...unattended,
    projects,
    beginStop,
  };
};
