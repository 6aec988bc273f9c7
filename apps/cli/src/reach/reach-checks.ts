/** Whether other devices reach this hub: the bridge, its name in the network, the certificates, from a phone's point of view (I4, I16). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkInterfaces } from 'node:os';
import type { Check, Finding } from '../doctor/check.types.ts';
import type { HubCondition } from '../hub/locate.ts';
import { readLocalAuthority } from '../hub/home.ts';
import { type Probe, probeHub } from '../hub/probe.ts';
import { readBridgeSetting } from '../setup/bridge-setting.ts';

export const canonicalName = 'navis.local';
const usualPort = 443;
const probeTimeoutMs = 3_000;

type RunningHub = Extract<HubCondition, { kind: 'running' }>;

export interface ReachFacts {
  home: string;
  hub: RunningHub;
  /** PEM of the local CA. */
  ca: string | undefined;
  /** The port that the bridge is to own. */
  port: number;
}

/** Addresses of this machine that others in its networks may use. */
export const outerAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one !== undefined && !one.internal && one.family === 'IPv4' ? [one.address] : []));

/** `undefined` when the bridge is not set up. Rejects with a CommandError for an unusable configuration. */
export const readPublicPort = async (home: string): Promise<number | undefined> => {
  const setting = await readBridgeSetting(home);
  if (setting === undefined) return undefined;
  return typeof setting.publicPort === 'number' ? setting.publicPort : usualPort;
};

/** For `navisai doctor`: everything below, or that nothing is set up. */
export const checkReach: Check = async ({ condition, environment: { home } }) => {
  const port = await readPublicPort(home).catch(() => undefined);
  if (port === undefined)
    return [{ check: 'other devices', state: 'ok', message: 'not set up; navisai setup lets them reach the hub' }];
  if (condition?.kind !== 'running') return [];
  const ca = (await readLocalAuthority(home))?.pem;
  const facts = { home, hub: condition, ca, port };
  const found = await Promise.all([checkBridge(facts), checkName(facts), checkPhone(facts)]);
  return [...found.flat(), ...firewallHints(port)];
};

/** The port answers, and it is this hub that does. */
export const checkBridge = async (facts: ReachFacts): Promise<Finding[]> => {
  const { port, hub, ca } = facts;
  const check = 'bridge';
  const probe = await probeHub({ port, ca, name: canonicalName, timeoutMs: probeTimeoutMs });
  const problem = problemOf(probe, hub);
  if (problem === undefined) return [{ check, state: 'ok', message: `port ${port} leads to this hub` }];
  const remedy = { silent: 'navisai restart', refused: 'navisai setup', stranger: `ss -ltnp 'sport = :${port}'` }[
    problem.kind
  ];
  return [{ check, state: 'problem', message: `port ${port}: ${problem.message}`, remedy }];
};

const problemOf = (
  probe: Probe,
  hub: RunningHub,
): { kind: 'silent' | 'refused' | 'stranger'; message: string } | undefined => {
  switch (probe.kind) {
    case 'answered': {
      if (probe.status.hubId === hub.status.hubId) return undefined;
      return { kind: 'stranger', message: 'another hub answers' };
    }
    case 'refused':
      return { kind: 'refused', message: 'nothing listens there' };
    case 'silent':
      return { kind: 'silent', message: 'what listens there does not answer, as a bridge without its hub' };
    case 'stranger':
      return { kind: 'stranger', message: `another program answers: ${probe.reason}` };
  }
};

/** What the hub itself tells, and what the network answers. */
export const checkName = async ({ home, port }: ReachFacts): Promise<Finding[]> => {
  const check = 'name';
  const told = readPublication(home);
  if (told?.state === 'taken')
    return [
      {
        check,
        state: 'problem',
        message: `${canonicalName} belongs to another machine of this network`,
        remedy: `Stop the other hub; or give this one a name of its own in "origins" of config.json`,
      },
    ];
  if (told?.state === 'failed')
    return [{ check, state: 'problem', message: `could not be published: ${told.detail}`, remedy: 'navisai logs' }];
  const { findHubs } = await import('@navisai/client/node');
  const own = new Set([...outerAddresses(), '127.0.0.1']);
  const isOurs = ({ host, addresses, port: onPort }: { host: string; addresses: string[]; port: number }): boolean =>
    host === canonicalName && onPort === port && addresses.some((address) => own.has(address));
  const found = await findHubs({ isWanted: isOurs });
  if (found.some(isOurs))
    return [{ check, state: 'ok', message: `${canonicalName} is found in the network, and is this machine` }];
  const other = found.find(({ host }) => host === canonicalName);
  const message =
    other === undefined
      ? `${canonicalName} is not found by multicast DNS`
      : `${canonicalName} is ${other.addresses.join(', ')}, another machine`;
  return [{ check, state: 'problem', message, remedy: 'Allow UDP port 5353 in the firewall, then: navisai restart' }];
};

const readPublication = (home: string): { state?: string; detail?: string } | undefined => {
  try {
    return JSON.parse(readFileSync(join(home, 'run', 'mdns.json'), 'utf8')) as { state?: string; detail?: string };
  } catch {
    return undefined;
  }
};

/** As far as it can be seen from here: the same way, to the addresses that a phone would use. */
export const checkPhone = async ({ hub, ca, port }: ReachFacts): Promise<Finding[]> => {
  const check = 'phone';
  const addresses = outerAddresses();
  if (addresses.length === 0)
    return [
      { check, state: 'warning', message: 'this machine has no address in a network', remedy: 'Connect it to one' },
    ];
  const probes = await Promise.all(
    addresses.map((address) => probeHub({ port, ca, address, name: canonicalName, timeoutMs: probeTimeoutMs })),
  );
  const reached = addresses.filter((_, index) => {
    const probe = probes[index];
    return probe !== undefined && problemOf(probe, hub) === undefined;
  });
  if (reached.length === 0)
    return [
      {
        check,
        state: 'problem',
        message: `port ${port} does not lead to this hub on ${addresses.join(', ')}`,
        remedy: 'The bridge must listen on all addresses: navisai setup',
      },
    ];
  const url = `https://${canonicalName}${port === usualPort ? '' : `:${port}`}`;
  const message = `opens ${url}, which is ${reached.join(' or ')} here; a phone must be in that network and trust the CA`;
  return [{ check, state: 'ok', message, remedy: 'navisai trust --phone shows how' }];
};

/** Nothing is changed: rules are the person's own. */
const firewallHints = (port: number): Finding[] => {
  const check = 'firewall';
  const isUfw = /^ENABLED=yes$/m.test(readText('/etc/ufw/ufw.conf'));
  if (isUfw)
    return [
      {
        check,
        state: 'warning',
        message: 'ufw is on and may keep other devices out',
        remedy: `sudo ufw allow ${port}/tcp; sudo ufw allow 5353/udp`,
      },
    ];
  if (existsSync('/run/firewalld'))
    return [
      {
        check,
        state: 'warning',
        message: 'firewalld is on and may keep other devices out',
        remedy: `sudo firewall-cmd --permanent --add-port=${port}/tcp --add-service=mdns; sudo firewall-cmd --reload`,
      },
    ];
  return [];
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
