/** kubectl: what tells of the cluster that the person chose is reading; every option that is not known asks. */
import type { Risk } from '@navisai/protocol';
import type { RiskFinding } from '../risk.ts';
import { finding } from '../words.ts';
import type { Judge } from '../words.ts';
import { secretsRead } from './reading.ts';

/** Options with a value that choose what is told, and how. */
const values =
  set(`-n --namespace -l --selector -o --output -c --container -L --label-columns --context --field-selector
  --sort-by --since --since-time --tail --limit-bytes --chunk-size --api-group --for --types --request-timeout --prefix`);
const flags =
  set(`-A --all-namespaces -w --watch --show-labels --show-kind --show-events --no-headers --ignore-not-found
  --previous -p --timestamps --all-containers --containers --recursive --short --client --namespaced --verbs --minify`);
/** Before the verb every other one takes the next word for its value. */
const early = set('-n --namespace --context --request-timeout');
/** Only there they follow what is new; elsewhere they name a file or an address. */
const following = set('-f --follow');

const reading = set('get describe logs top version explain api-resources api-versions cluster-info events options');
const destroying = set('delete drain cordon taint');
const configReading = set('current-context get-contexts get-clusters get-users view');

/** They hold what nobody but programs should read. */
const secretKinds = /(^|,)secrets?(\.[\w.]+)?(\/|,|$)/i;

function set(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

export const cluster: Judge = (words) => {
  const operands = operandsAmong(words.texts);
  if (operands === null) return doubt('unknown', 'An option or word is not known to only choose what is told.');
  const [verb, second] = operands;
  if (verb === undefined) return [];
  if (destroying.has(verb)) return doubt('destruction', 'It removes or stops what runs in the cluster.');
  const isReading = verb === 'config' ? configReading.has(second ?? '') : reading.has(verb);
  const followsElsewhere = verb !== 'logs' && words.texts.some((text) => following.has(text ?? ''));
  if (!isReading || followsElsewhere || (verb === 'cluster-info' && second !== undefined))
    return doubt('privilege', 'It changes the cluster or how it is reached.');
  if (verb !== 'explain' && verb !== 'describe' && operands.slice(1).some((text) => secretKinds.test(text)))
    return doubt('privilege', 'It reads secrets of the cluster.');
  return secretsRead(words);
};

const doubt = (risk: Risk, reason: string): RiskFinding[] => [finding(risk, 'kubectl', reason)];

/** Null: something is only known when it runs, or an option is not known. */
const operandsAmong = (texts: readonly (string | null)[]): string[] | null => {
  const operands: string[] = [];
  for (let at = 0; at < texts.length; at += 1) {
    const text = texts[at];
    if (text === null || text === undefined) return null;
    const [option = ''] = text.split('=', 1);
    if (!text.startsWith('-')) operands.push(text);
    else if (operands.length === 0 && !early.has(option)) return null;
    else if (values.has(option)) {
      const value = text === option ? texts[(at += 1)] : text.slice(option.length + 1);
      // A template may stand in a file.
      if (typeof value !== 'string' || /^(go-template-file|jsonpath-file|custom-columns-file|templatefile)/.test(value))
        return null;
    } else if (!flags.has(option) && !following.has(option)) return null;
  }
  return operands;
};
