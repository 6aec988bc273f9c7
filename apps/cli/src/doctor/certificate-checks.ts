/** Whether the hub's certificates are valid, and trusted by the browsers of this machine. */
import { readLocalAuthority } from '../hub/home.ts';
import { checkTrustOf } from '../trust/trust.ts';
import type { Check, Finding } from './check.types.ts';

const dayMs = 24 * 60 * 60 * 1000;
const warnBeforeDays = 30;

export const checkCertificates: Check = async ({ environment }) => {
  const local = await readLocalAuthority(environment.home);
  if (local === undefined)
    return [{ check: 'certificate', state: 'warning', message: 'is made when the hub starts', remedy: 'navisai up' }];
  try {
    const { authority, outcomes } = await checkTrustOf(environment);
    return [validity(authority.validTo), ...trustFindings(outcomes)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check: 'certificate', state: 'problem', message, remedy: 'navisai restart makes a new one' }];
  }
};

const validity = (validTo: Date): Finding => {
  const days = Math.floor((validTo.getTime() - Date.now()) / dayMs);
  const message = days < 0 ? 'the local CA has expired' : `the local CA is valid for ${days} days`;
  if (days >= warnBeforeDays) return { check: 'certificate', state: 'ok', message };
  return { check: 'certificate', state: 'warning', message, remedy: 'navisai restart, then navisai trust' };
};

const trustFindings = (outcomes: Awaited<ReturnType<typeof checkTrustOf>>['outcomes']): Finding[] => {
  const trusting = outcomes.filter(({ state }) => state === 'already').map(({ title }) => title);
  const others = outcomes.filter(({ state }) => state === 'absent').map(({ title }) => title);
  if (trusting.length === 0)
    return [
      { check: 'trust', state: 'warning', message: 'no trust store knows the local CA', remedy: 'navisai trust' },
    ];
  const message = `trusted by ${[...new Set(trusting)].join(', ')}`;
  if (others.length === 0) return [{ check: 'trust', state: 'ok', message }];
  const missing = [...new Set(others)].join(', ');
  return [{ check: 'trust', state: 'warning', message: `${message}; not by ${missing}`, remedy: 'navisai trust' }];
};
