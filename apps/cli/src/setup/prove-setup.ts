/** Looks whether what was set up works: the hub answers as a service, the port and the name lead to it, browsers trust it. */
import { checkCertificates } from '../doctor/certificate-checks.ts';
import type { Finding } from '../doctor/check.types.ts';
import { readLocalAuthority } from '../hub/home.ts';
import { locateHub, type HubCondition } from '../hub/locate.ts';
import { checkBridge, checkName, checkPhone, type ReachFacts } from '../reach/reach-checks.ts';
import { parseAuthority } from '../trust/authority.ts';
import { phoneTrustOf, type PhoneTrust } from '../trust/phone-lines.ts';
import type { SetupFacts } from './setup-facts.ts';
import { untilTrue } from './until-true.ts';

export interface Proof {
  findings: Finding[];
  /** Missing when no phone could use it. */
  phone: PhoneTrust | undefined;
}

/** Services start in a second or two; names are probed for another. */
const settleDeadlineMs = 20_000;
const probeTimeoutMs = 2_000;

type RunningHub = Extract<HubCondition, { kind: 'running' }>;

/** `isBridgePending`: root has to do something first, so the port is looked at once and not waited for. */
export const proveSetup = async (facts: SetupFacts, isBridgePending: boolean): Promise<Proof> => {
  const { environment, manager, units } = facts;
  const hub = await awaitHub(facts);
  if (hub === undefined) return { findings: [await hubProblem(facts)], phone: undefined };
  const authority = await readLocalAuthority(environment.home);
  const reach: ReachFacts = { home: environment.home, hub, ca: authority?.pem, port: units.port };
  const patient = manager.kind === 'none' ? 0 : settleDeadlineMs;
  const bridge = await awaitFine(() => checkBridge(reach), isBridgePending ? 0 : patient);
  const name = await awaitFine(() => checkName(reach), patient);
  const isReached = bridge.every(isFine);
  const rest = [
    ...(isReached ? await checkPhone(reach) : []),
    ...(await checkCertificates({ environment, condition: hub })),
  ];
  const pending = 'Do what is shown above as root, then: navisai setup';
  const told = isBridgePending ? bridge.map((one) => (isFine(one) ? one : { ...one, remedy: pending })) : bridge;
  const findings = [await serviceFinding(facts, hub), ...told, ...name, ...rest];
  return { findings, phone: authority && isReached ? phoneTrustOf(hub.origin, parseAuthority(authority)) : undefined };
};

const isFine = ({ state }: Finding): boolean => state !== 'problem';

const awaitFine = async (check: () => Promise<Finding[]>, deadlineMs: number): Promise<Finding[]> => {
  let found: Finding[] = [];
  await untilTrue(async () => {
    found = await check();
    return found.every(isFine);
  }, deadlineMs);
  return found;
};

/** The one that the service started, when there is a service. */
const awaitHub = async ({ environment: { home }, manager, hub }: SetupFacts): Promise<RunningHub | undefined> => {
  let found: RunningHub | undefined;
  await untilTrue(
    async () => {
      const condition = await locateHub(home, probeTimeoutMs);
      if (condition.kind !== 'running') return false;
      const isService = manager.kind === 'none' || (await manager.look(hub)).pid === condition.process?.pid;
      if (isService) found = condition;
      return isService;
    },
    manager.kind === 'none' ? 0 : settleDeadlineMs,
  );
  return found;
};

const serviceFinding = async ({ manager, hub: service }: SetupFacts, hub: RunningHub): Promise<Finding> => {
  if (manager.kind === 'none')
    return { check: 'hub', state: 'ok', message: `runs on ${hub.origin}, without a service` };
  const { state } = await manager.look(service);
  return { check: 'hub', state: 'ok', message: `runs on ${hub.origin}, as ${service.name} (${state})` };
};

const hubProblem = async ({ manager, hub }: SetupFacts): Promise<Finding> => {
  const check = 'hub';
  if (manager.kind === 'none') return { check, state: 'problem', message: 'is not running', remedy: 'navisai up' };
  const { state } = await manager.look(hub);
  const remedy = manager.kind === 'systemd' ? `journalctl --user -u ${hub.name}` : 'navisai logs';
  return { check, state: 'problem', message: `${hub.name} does not answer (${state})`, remedy };
};
