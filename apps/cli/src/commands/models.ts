/** `navisai models`: where agents get their models from, and which they use (A4). */
import { modelProviderKinds, type ModelProvider } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { add } from '../models/add.ts';
import { modelFormat, providerPositional, referenceFormat } from '../models/formats.ts';
import { testLines, tryProvider } from '../models/try-provider.ts';
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

const rowOf = ({ id, kind, baseUrl, hasKey, models }: ModelProvider): string[] => [
  id,
  kind,
  hasKey ? 'yes' : 'no',
  baseUrl ?? 'its own',
  models.map((model) => model.id).join(', '),
];

const defaultLine = (defaults: readonly string[]): string =>
  defaults.length === 0
    ? 'Default: none. Set it: navisai models default <provider/model>'
    : `Default: ${defaults.map((reference) => printable(reference)).join(', then ')}`;

const list = defineCommand({
  summary: 'List providers, and the models that are used.',
  examples: [{ command: 'navisai models list', note: 'keys are never shown' }],
  flags: {},
  run: ({ output }) =>
    withHub(async ({ api }) => {
      const found = await api.models();
      output.result(found, () => {
        if (found.providers.length === 0)
          return `There are no models yet. Add some: navisai models add ollama (or ${modelProviderKinds.slice(1).join(', ')})`;
        const table = output.table(['PROVIDER', 'KIND', 'KEY', 'ADDRESS', 'MODELS'], found.providers.map(rowOf));
        return [...table, defaultLine(found.defaults)];
      });
    }),
});

const remove = defineCommand({
  summary: 'Forget a provider with its key.',
  examples: [{ command: 'navisai models remove openai', note: 'it leaves the default list as well' }],
  flags: {},
  positionals: [providerPositional],
  run({ positionals, output }) {
    const id = positionals.provider ?? '';
    return withHub(async ({ api }) => {
      await api.removeModelProvider({ params: { id } });
      output.result({ removed: id }, () => `Removed ${id} with its key.`);
    });
  },
});

const test = defineCommand({
  summary: 'Ask a model of a provider for one word.',
  details: 'Ends with 0 when it answers. Without --model: the default of this provider, else one that it offers.',
  examples: [{ command: 'navisai models test ollama --model qwen3:8b', note: 'how soon it answers' }],
  flags: {
    model: { type: 'text', placeholder: '<model>', format: modelFormat, summary: 'As the provider names it.' },
  },
  positionals: [providerPositional],
  run({ flags, positionals, output }) {
    const id = positionals.provider ?? '';
    return withHub(async ({ api }) => {
      const tested = await tryProvider(api, id, flags.model);
      output.result(tested, () => testLines(id, tested));
      return tested.ok ? 0 : 1;
    });
  },
});

const preferred = defineCommand({
  summary: 'Show or set the models to use, in the order of preference.',
  details: 'Where one fails, the next one answers. A profile may name others.',
  examples: [
    { command: 'navisai models default', note: 'which are used' },
    { command: 'navisai models default ollama/qwen3:8b openai/gpt-5', note: 'the second where the first fails' },
  ],
  flags: { none: { type: 'boolean', summary: 'Empty the list.' } },
  rest: { name: 'provider/model', optional: true, isOwn: true, summary: 'The models.' },
  run({ flags, rest, output }) {
    if (flags.none && rest.length > 0) throw usageError('--none and models cannot be given together.');
    const wrong = rest.find((reference) => !referenceFormat.pattern.test(reference));
    if (wrong !== undefined) throw usageError(`${printable(wrong)} must be ${referenceFormat.meaning}.`);
    const isChange = flags.none || rest.length > 0;
    return withHub(async ({ api }) => {
      const { defaults } = isChange ? await api.setDefaultModels({ body: { models: [...rest] } }) : await api.models();
      output.result({ defaults }, () => defaultLine(defaults));
    });
  },
});

export const models: CommandGroup = {
  summary: 'Add, try and choose the models that agents use.',
  details:
    'A provider is an endpoint of models: a local Ollama, vLLM or LM Studio, OpenAI, Anthropic, Google, or anything that speaks like OpenAI. Keys stay on the hub, encrypted, and are never shown again.',
  examples: [
    { command: 'navisai models add ollama', note: 'models of this machine, no key needed' },
    { command: 'navisai models', note: 'the same as navisai models list' },
  ],
  commands: { list, add, test, default: preferred, remove },
  defaultCommand: 'list',
};
