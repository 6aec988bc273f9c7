/** `navisai doctor`: checks everything that Navis needs, with a remedy for each problem. */
import { defineCommand } from '../command-line/command.types.ts';
import { checkCertificates } from '../doctor/certificate-checks.ts';
import type { Check, Finding } from '../doctor/check.types.ts';
import { checkCalls, checkHub } from '../doctor/hub-checks.ts';
import { checkKeys } from '../doctor/key-checks.ts';
import { checkClock, checkConfiguration, checkDisk, checkHome, checkRuntime } from '../doctor/machine-checks.ts';
import { checkNodes } from '../doctor/node-checks.ts';
import { checkRecovered } from '../doctor/recovered-checks.ts';
import { readEnvironment } from '../environment.ts';
import { findingLines } from '../doctor/finding-lines.ts';
import { locateHub } from '../hub/locate.ts';
import { checkNames } from '../reach/name-checks.ts';
import { checkReach } from '../reach/reach-checks.ts';

const probeTimeoutMs = 3_000;

/** In the order of the report. */
const checks: readonly Check[] = [
  checkRuntime,
  checkHome,
  checkConfiguration,
  checkDisk,
  checkHub,
  checkClock,
  checkCalls,
  checkNodes,
  checkKeys,
  checkRecovered,
  checkCertificates,
  checkNames,
  checkReach,
];

export const doctor = defineCommand({
  isLocal: true,
  summary: 'Check everything that Navis needs, with a remedy for each problem.',
  details:
    'Looks at the hub from here, and from the point of view of a phone in the same network. Changes nothing. Ends with 0 when nothing is broken (warnings included), else with 1.',
  examples: [
    { command: 'navisai doctor', note: 'what works, and what to do about the rest' },
    { command: 'navisai doctor --json', note: 'for scripts' },
  ],
  flags: {},
  async run({ output }) {
    const environment = readEnvironment();
    const condition = await locateHub(environment.home, probeTimeoutMs).catch(() => undefined);
    const found = await Promise.all(checks.map((check) => check({ environment, condition })));
    const findings = found.flat();
    const isHealthy = findings.every(({ state }) => state !== 'problem');
    output.result({ healthy: isHealthy, findings }, () => [
      ...findings.flatMap((finding) => findingLines(finding, output)),
      summaryLine(findings),
    ]);
    return isHealthy ? 0 : 1;
  },
});

const summaryLine = (findings: readonly Finding[]): string => {
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  if (problems > 0) return `${problems} ${problems === 1 ? 'problem' : 'problems'} to solve.`;
  return warnings > 0 ? 'Nothing is broken.' : 'Everything is fine.';
};
