/** `navisai models add`: a provider by its name, tried at once. */
import { createInterface } from 'node:readline/promises';
import type { Api } from '@navisai/client';
import { type ModelProvider, type ModelProviderKind, modelProviderKinds } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { modelFormat, providerPositional } from './formats.ts';
import { type KnownProvider, knownProviders } from './known-providers.ts';
import { readKey } from './read-key.ts';
import { type ModelTest, testLines, tryProvider } from './try-provider.ts';

const names = Object.keys(knownProviders);

export const add = defineCommand({
  summary: 'Add a provider of models, or change one; tries it at once.',
  details: `These need no more than their name: ${names.join(', ')}. Any other needs --url, and --kind where it does not speak like OpenAI. One that was added before keeps its address and its key where no other is given. A key is asked for unseen, read from stdin with --key-stdin, or taken from NAVIS_MODEL_KEY; it goes to the hub, is kept encrypted there, and never shown again. Ends with 1 when the provider was added and does not answer.`,
  examples: [
    { command: 'navisai models add ollama', note: 'at http://127.0.0.1:11434/v1' },
    { command: 'navisai models add openai', note: 'asks for the key' },
    { command: 'navisai models add openai --key', note: 'another key' },
    { command: 'navisai models add anthropic --key-stdin --default < key.txt', note: 'from a script' },
    { command: 'navisai models add lab --url http://10.0.0.7:8000/v1 --model qwen3', note: 'a server of your own' },
  ],
  flags: {
    url: {
      type: 'text',
      placeholder: '<url>',
      maxLength: 500,
      format: { pattern: /^https?:\/\/[^/]\S*$/, meaning: 'an address such as http://10.0.0.7:8000/v1' },
      summary: 'Base URL, such as http://10.0.0.7:8000/v1.',
    },
    kind: { type: 'choice', choices: modelProviderKinds, summary: 'How it speaks; default openai-compatible.' },
    model: { type: 'text', placeholder: '<model>', format: modelFormat, summary: 'The model to use.' },
    context: {
      type: 'number',
      placeholder: '<tokens>',
      min: 1024,
      max: 100_000_000,
      summary: 'How much --model reads at once.',
    },
    key: { type: 'boolean', summary: 'Ask for a key also where none is needed, or one is known.' },
    'key-stdin': { type: 'boolean', summary: 'Read the key from stdin.' },
    default: { type: 'boolean', summary: 'Make the model the first of the default list, without asking.' },
  },
  positionals: [{ ...providerPositional, completes: names }],
  async run({ flags, positionals, output }) {
    const id = positionals.provider ?? '';
    if (flags.context !== undefined && flags.model === undefined) throw usageError('--context belongs to --model.');
    return withHub(async ({ api }) => {
      const before = (await api.models()).providers.find((provider) => provider.id === id);
      const { needsKey, ...facts } = describe(id, flags, before);
      const isWanted = flags.key || needsKey;
      const key = await readKey({ name: id, fromStdin: flags['key-stdin'], isWanted }, output);
      const models =
        flags.model === undefined ? undefined : [{ id: flags.model, contextTokens: flags.context ?? null }];
      const added = await api.addModelProvider({ body: { id, ...facts, key, models: merged(before, models) } });
      if (!output.isJson) output.remark(`Added ${id}. Trying it …`);
      const test = await tryProvider(api, id, flags.model);
      const defaults = await choose({ api, output, test, id, isDefault: flags.default });
      output.result({ provider: added, test, defaults }, () => testLines(id, test));
      return test.ok ? 0 : 1;
    });
  },
});

/** Models that were named before stay. */
const merged = (before: ModelProvider | undefined, models: ModelProvider['models'] | undefined) =>
  models && [...models, ...(before?.models ?? []).filter((kept) => models.every(({ id }) => id !== kept.id))];

const describe = (
  id: string,
  { url, kind }: { url: string | undefined; kind: string | undefined },
  before: ModelProvider | undefined,
): KnownProvider => {
  const known = knownProviders[id];
  if (before !== undefined && url === undefined && (kind ?? before.kind) === before.kind) return asItIs(before, known);
  if (known !== undefined && (kind === undefined || kind === known.kind)) {
    return { kind: known.kind, baseUrl: url ?? known.baseUrl, needsKey: known.needsKey && url === undefined };
  }
  const given = kind as ModelProviderKind | undefined;
  if (url === undefined && (given === undefined || given === 'openai-compatible'))
    throw usageError(
      `Where ${printable(id)} is must be said with --url.`,
      `Known without it: ${names.join(', ')}. Else: navisai models add ${printable(id)} --url http://…/v1`,
    );
  return { kind: given ?? 'openai-compatible', baseUrl: url, needsKey: url === undefined };
};

/** Where it stays, its key stays. */
const asItIs = ({ kind, baseUrl, hasKey }: ModelProvider, known: KnownProvider | undefined): KnownProvider => {
  const isTheProviders = baseUrl === null || (known?.needsKey === true && baseUrl === known.baseUrl);
  return { kind, ...(baseUrl === null ? {} : { baseUrl }), needsKey: !hasKey && isTheProviders };
};

interface Choice {
  api: Api;
  output: Output;
  test: ModelTest;
  id: string;
  isDefault: boolean;
}

/** The default list as it is afterwards. */
const choose = async ({ api, output, test, id, isDefault }: Choice): Promise<string[]> => {
  const { defaults } = await api.models();
  const reference = `${id}/${test.model}`;
  if (test.model === null || defaults[0] === reference || (!test.ok && !isDefault)) return defaults;
  if (!isDefault && !(await mayBeDefault(reference, output))) return defaults;
  const models = [reference, ...defaults.filter((other) => other !== reference)].slice(0, 10);
  const set = await api.setDefaultModels({ body: { models } });
  if (!output.isJson) output.remark(`Default: ${set.defaults.map((other) => printable(other)).join(', then ')}`);
  return set.defaults;
};

const mayBeDefault = async (reference: string, output: Output): Promise<boolean> => {
  if (output.isJson) return false;
  if (process.stdin.isTTY !== true) {
    output.remark(`To use it: navisai models default ${printable(reference)}`);
    return false;
  }
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return /^\s*(y(es)?)?\s*$/i.test(await prompt.question(`Use ${printable(reference)} by default? [Y/n] `));
};
