/** Finds the hub of this home and tells how it is: the first question of every command about the hub itself. */
import type { HubStatus } from '@navisai/protocol';
import { originOf, readCliConfig, readLocalAuthority, readRunningHub } from './home.ts';
import { isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { probeHub } from './probe.ts';

/** The same as `defaultPort` of the protocol, which is not loaded here so that `navisai status` starts fast (S1). */
const defaultPort = 47_621;

export type HubCondition =
  | { kind: 'running'; port: number; origin: string; process: ProcessIdentity | undefined; status: HubStatus }
  /** Its process lives but does not answer. */
  | { kind: 'hung'; port: number; process: ProcessIdentity; reason: string }
  /** No process of this home's hub; `stranger` says who else has the port. */
  | { kind: 'dead'; port: number; stranger: string | undefined };

/** `timeoutMs` bounds the question to the hub. */
export const locateHub = async (home: string, timeoutMs: number): Promise<HubCondition> => {
  const [told, authority] = await Promise.all([readRunningHub(home), readLocalAuthority(home)]);
  const process = told === undefined ? undefined : { pid: told.pid, startTime: told.pidStartTime };
  const port = told?.port ?? (await readCliConfig(home)).port ?? defaultPort;
  const probe = await probeHub({ port, ca: authority?.pem, timeoutMs });
  if (probe.kind === 'answered')
    return { kind: 'running', port, origin: told?.origin ?? originOf(port), process, status: probe.status };
  const stranger = probe.kind === 'stranger' ? probe.reason : undefined;
  if (process === undefined || !(await isAlive(process))) {
    const silent = probe.kind === 'silent' ? 'it takes connections and does not answer' : undefined;
    return { kind: 'dead', port, stranger: stranger ?? silent };
  }
  const reason = stranger ?? (probe.kind === 'silent' ? 'it does not answer' : 'it does not listen');
  return { kind: 'hung', port, process, reason };
};
