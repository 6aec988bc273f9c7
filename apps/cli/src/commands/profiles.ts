/** `navisai profiles`: what agents are set up by, and a person's own copies to change. */
import { join } from 'node:path';
import type { Api } from '@navisai/client';
import type { Profile, ProfileInfo } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { withHub } from '../hub/connect.ts';
import { CommandError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable, printableLines } from '../output/printable.ts';
import { writeProfile } from '../profiles/write-profile.ts';

const idFormat = {
  pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/,
  meaning: 'a profile id: up to 64 of a-z 0-9 _ -',
  remedy: 'See: navisai profiles list',
} as const;
const shippedIds = ['developer', 'server_admin', 'secretary'] as const;
const defaultSource = 'developer';

const list = defineCommand({
  summary: 'List profiles, and those that cannot be used with why.',
  examples: [
    { command: 'navisai profiles list', note: 'shipped ones and your own' },
    { command: 'navisai profiles list --json', note: '{"profiles":[…],"problems":[…]}' },
  ],
  flags: {},
  run: ({ output }) =>
    withHub(async ({ api }) => {
      const found = await api.profiles();
      output.result(found, () =>
        output.table(
          ['ID', 'NAME', 'FROM', 'MODEL', 'NODE', 'APPROVALS', 'TURNS', 'FOR'],
          found.profiles.map((profile) => [
            profile.id,
            profile.name,
            sourceOf(profile),
            modelsOf(profile),
            profile.node_id ?? '-',
            profile.approvals,
            String(profile.max_iterations),
            profile.description,
          ]),
        ),
      );
      if (output.isJson) return;
      for (const { id, file, message } of found.problems)
        output.remark(`${printable(id)} cannot be used: ${printable(file)}: ${printableLines(message)}`);
    }),
});

const sourceOf = ({ source }: ProfileInfo): string => (source === 'user' ? 'you' : 'Navis');
const modelsOf = ({ model }: Profile): string => (model === undefined ? 'default' : [model].flat().join(', '));

const show = defineCommand({
  summary: 'Show one profile with its prompt.',
  examples: [{ command: 'navisai profiles show developer', note: 'its settings and what the agent is told' }],
  flags: {},
  positionals: [{ name: 'id', summary: 'The profile.', completes: shippedIds, maxLength: 64, format: idFormat }],
  run: ({ positionals, output }) =>
    withHub(async ({ api }) => {
      const found = await api.profile({ params: { id: positionals.id ?? '' } });
      output.result(found, () => showLines(found, output));
    }),
});

const showLines = (profile: ProfileInfo & { systemPrompt: string }, output: Output): string[] => {
  const { sub_agents: subAgents, temperature, token_budget: budget } = profile;
  const helpers = subAgents.enabled
    ? `up to ${subAgents.max_parallel} at once, ${subAgents.max_depth} deep, ${subAgents.timeout_seconds} s each`
    : 'none';
  const facts: [string, string][] = [
    ['name', profile.name],
    ['for', profile.description],
    ['from', sourceOf(profile)],
    ['model', modelsOf(profile)],
    ['temperature', temperature === undefined ? 'of the model' : String(temperature)],
    ['node', profile.node_id ?? 'none bound'],
    ['approvals', profile.approvals],
    ['turns', `${profile.max_iterations}${budget === undefined ? '' : `, at most ${budget} tokens`}`],
    ['sub-agents', helpers],
    ['tools', profile.tools.join(', ')],
  ];
  const lines = facts.map(([name, value]) => `${output.colors.dim(`${name}:`.padEnd(12))} ${printable(value)}`);
  return [profile.id, ...lines, '', printableLines(profile.systemPrompt.trimEnd())];
};

const create = defineCommand({
  summary: 'Make a profile of your own, as a copy to change.',
  details:
    'Copies a profile into the folder profiles of $NAVIS_HOME: profile.json with the settings, system_prompt.txt with what the agent is told. A profile of a shipped id takes its place. Changes work from the next message on; navisai profiles list says what is wrong with them. Only on the machine of the hub.',
  examples: [
    { command: 'navisai profiles new reviewer', note: 'a copy of developer' },
    { command: 'navisai profiles new nas --from server_admin', note: 'a copy of another one' },
    { command: 'navisai profiles new developer', note: 'your own instead of the shipped one' },
  ],
  flags: {
    from: {
      type: 'text',
      placeholder: '<profile>',
      completes: shippedIds,
      maxLength: 64,
      format: idFormat,
      summary: 'Profile to copy; default the shipped one of this id, else developer.',
    },
  },
  positionals: [{ name: 'id', summary: 'Id of the new profile.', maxLength: 64, format: idFormat }],
  async run({ flags, positionals, output }) {
    const id = positionals.id ?? '';
    const environment = readEnvironment();
    await requireLocalHub(environment);
    const { profile, systemPrompt } = await withHub(({ api }) => copyOf(api, { id, from: flags.from }));
    const folder = await writeProfile({ home: environment.home, profile, systemPrompt });
    output.result({ id, folder }, () => [
      `Made the profile ${id}. Change it in:`,
      `  ${join(folder, 'profile.json')}`,
      `  ${join(folder, 'system_prompt.txt')}`,
    ]);
  },
});

/** The folder is on the hub's machine; ours would be the wrong one elsewhere. */
const requireLocalHub = async (environment: ReturnType<typeof readEnvironment>): Promise<void> => {
  const elsewhere = await chooseHub(environment);
  if (elsewhere === undefined) return;
  throw new CommandError(
    `Profiles lie on the machine of their hub, and the hub ${elsewhere.name} (${elsewhere.origin}) is another machine.`,
    {
      code: 'CONFLICT',
      exitCode: 6,
      affects: 'Nothing was written.',
      remedy: 'Run it there, or for the hub of this machine: navisai --hub local profiles new …',
    },
  );
};

const copyOf = async (
  api: Api,
  { id, from }: { id: string; from: string | undefined },
): Promise<{ profile: Profile; systemPrompt: string }> => {
  const isShipped = shippedIds.some((shipped) => shipped === id);
  const {
    source: _,
    systemPrompt,
    ...copied
  } = await api.profile({
    params: { id: from ?? (isShipped ? id : defaultSource) },
  });
  const name = copied.id === id ? copied.name : id;
  return { profile: { ...copied, id, name }, systemPrompt };
};

export const profiles: CommandGroup = {
  summary: 'See what agents are set up by, and make your own.',
  examples: [{ command: 'navisai profiles', note: 'the same as navisai profiles list' }],
  commands: { list, show, new: create },
  defaultCommand: 'list',
};
