/** `navisai nodes policy`: a node's own ceiling and the hub's overlay on it (N12). */
import { ceilingSchema, type Ceiling, type MachinePolicy } from '@navisai/protocol';
import { defineCommand } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode, nodePositional } from '../../nodes/find-node.ts';
import { CommandError, usageError } from '../../output/command-error.ts';
import { printable, toJson } from '../../output/printable.ts';
import { readTextInput } from '../../output/text-input.ts';

export const policy = defineCommand({
  summary: "Show a node's ceiling and the hub's overlay; set the overlay.",
  details:
    'The ceiling is policy.json on the node: only its owner changes it, there. The overlay has the same form and lives at the hub. Both must allow what runs, so the overlay can tighten the ceiling and never widen it. navisai policy explain --node <node> -- <command> tells what they say about a command.',
  examples: [
    { command: 'navisai nodes policy web-1', note: 'what limits it' },
    { command: 'navisai nodes policy web-1 --set overlay.json', note: '{"version":1,"readOnly":true}; - reads stdin' },
    { command: 'navisai nodes policy web-1 --remove', note: 'no overlay' },
  ],
  flags: {
    set: {
      type: 'text',
      placeholder: '<file>',
      completes: 'files',
      maxLength: 4096,
      summary: 'Set the overlay from this JSON file; - reads stdin.',
    },
    remove: { type: 'boolean', summary: 'Remove the overlay.' },
  },
  positionals: [nodePositional],
  async run({ flags, positionals, output }) {
    if (flags.remove && flags.set !== undefined) throw usageError('--set and --remove contradict each other.');
    const overlay = flags.set === undefined ? null : await readOverlay(flags.set);
    return withHub(async ({ api }) => {
      const { id, name } = await findNode(api, positionals.node ?? '');
      const isChange = flags.remove || overlay !== null;
      const found = isChange
        ? await api.setNodeOverlay({ params: { id }, body: { overlay } })
        : await api.nodePolicy({ params: { id } });
      output.result(found, () => policyLines(name, found));
    });
  },
});

const readOverlay = async (path: string): Promise<Ceiling> => {
  const text = await readTextInput(path === '-' ? path : `@${path}`, '--set');
  const judged = ceilingSchema.safeParse(parseJson(text));
  if (judged.success) return judged.data;
  const issue = judged.error.issues[0];
  const field = issue?.path.map(String).join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys[0] : '');
  throw new CommandError(
    `The overlay is not valid${field ? ` at ${printable(field, 200)}` : ''}: ${issue?.message ?? ''}.`,
    {
      code: 'INVALID_ARGUMENT',
      exitCode: 2,
      affects: 'The policy was left as it is.',
      remedy:
        'It has the form of policy.json: version 1, and of tools, programs, directories, hours, readOnly, network.',
    },
  );
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`--set must name a JSON file: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const policyLines = (name: string, found: MachinePolicy): string[] => {
  const { ceiling, ceilingFile, overlay, allowedCommands, sandbox } = found;
  return [
    printable(name),
    ...partLines('ceiling', ceiling, `none (${ceilingFile})`, ceilingFile),
    ...partLines('overlay', overlay, 'none', 'at the hub'),
    ...(allowedCommands === null ? [] : [`  programs  TERMINAL_ALLOWED_COMMANDS=${printable(allowedCommands)}`]),
    `  enforced  ${sandbox === 'none' ? 'by nothing: there is no sandbox on that machine' : `by ${sandbox}`}`,
  ];
};

const partLines = (title: string, part: Ceiling | null, absent: string, where: string): string[] => {
  if (part === null) return [`  ${title}   ${printable(absent)}`];
  const { version: _version, ...limits } = part;
  const rows = Object.entries(limits).filter(([, value]) => value !== undefined);
  return [
    `  ${title}   ${printable(where)}`,
    ...(rows.length === 0 ? ['    sets no limit'] : []),
    ...rows.map(([key, value]) => `    ${key.padEnd(12)} ${limitText(value)}`),
  ];
};

const limitText = (value: unknown): string => {
  if (!Array.isArray(value)) return toJson(value);
  if (value.length === 0) return 'nothing';
  return value.map((one: unknown) => (typeof one === 'string' ? printable(one, 200) : entryText(one))).join(', ');
};

const entryText = (entry: unknown): string => {
  const { path, access, days, from, to } = entry as Partial<Record<string, unknown>>;
  if (typeof path === 'string') return `${printable(path, 400)} (${String(access)})`;
  const span = `${String(from)}–${String(to)}`;
  return Array.isArray(days) ? `${days.join(' ')} ${span}` : span;
};
