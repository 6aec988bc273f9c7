/** Everything that `navisai setup` will do on this machine, in order. */
import type { Environment } from '../environment.ts';
import { readPublicPort } from '../reach/reach-checks.ts';
import { bridgeServiceStep } from './bridge-steps.ts';
import { hubServiceStep, lingerStep, settingStep } from './hub-steps.ts';
import { gatherFacts, type SetupFacts } from './setup-facts.ts';
import type { SetupStep } from './step.types.ts';
import { trustStep } from './trust-step.ts';

export interface SetupRequest {
  environment: Environment;
  /** Default: as it is set up already, else 443. */
  port: number | undefined;
  isTrusting: boolean;
}

const usualPort = 443;

/** Changes nothing. Rejects with a CommandError for a configuration that cannot be read. */
export const planSetup = async ({
  environment,
  port,
  isTrusting,
}: SetupRequest): Promise<{ facts: SetupFacts; steps: SetupStep[] }> => {
  const present = await readPublicPort(environment.home);
  const facts = await gatherFacts(environment, port ?? present ?? usualPort);
  const linger = lingerStep(facts);
  const steps = [
    settingStep(facts),
    hubServiceStep(facts),
    bridgeServiceStep(facts),
    ...(isTrusting ? [trustStep(facts)] : []),
    ...(linger === undefined ? [] : [linger]),
  ];
  return { facts, steps };
};
