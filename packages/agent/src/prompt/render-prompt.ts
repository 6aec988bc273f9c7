/** The prompt that is really sent: a profile's own text, then where its tools act, and what is so right now (P3). */
import { mainNodeId, type Profile } from '@navisai/protocol';

export interface PromptNode {
  id: string;
  isOnline: boolean;
  /** Such as `linux x64`; null: never seen. */
  platform: string | null;
  labels?: Readonly<Record<string, string>>;
}

export interface PromptEnvironment {
  /** As `dateWriter` writes it. */
  date: string;
  /** The node that the conversation is bound to; null: none, so `main`. */
  nodeId: string | null;
  nodes: readonly PromptNode[];
  /** Working directory there; null: the default of the tools. */
  directory: string | null;
  project?: { name: string; path: string; branch?: string | null } | null;
  /** Names of the tools that this agent really has. */
  tools: readonly string[];
  /** 0 for the agent that the person talks to. */
  depth?: number;
}

export interface PromptParts {
  profile: Profile;
  systemPrompt: string;
  environment: PromptEnvironment;
}

/** Machines that are named in a prompt; more are counted. */
const maxNamedNodes = 50;

export const renderPrompt = ({ profile, systemPrompt, environment }: PromptParts): string =>
  [
    systemPrompt.trim(),
    section('Execution environment', executionEnvironment(profile, environment)),
    section('Right now', facts(environment)),
    ...hints(environment),
  ].join('\n\n');

const section = (title: string, lines: string | string[]): string =>
  `### ${title}\n${typeof lines === 'string' ? lines : lines.map((line) => `- ${line}`).join('\n')}`;

const localTools = ['code_exec', 'terminal', 'filesystem'] as const;

/** One paragraph (P3). */
const executionEnvironment = ({ tools }: Profile, { nodeId }: PromptEnvironment): string => {
  const hasSsh = tools.includes('ssh_exec');
  const acting = localTools.filter((name) => tools.includes(name));
  const subject = acting.length === 0 ? 'Your tools' : named(acting);
  const verb = acting.length === 1 ? 'runs' : 'run';
  const remote = hasSsh
    ? 'For a remote host always use `ssh_exec`, or a sub-agent that uses it, never `code_exec`.'
    : 'There are no remote hosts in this profile.';
  if (nodeId === null)
    return `${subject} ${verb} on the LOCAL machine, the one that Navis itself runs on (node \`${mainNodeId}\`). ${remote}`;
  const place = nodeId === mainNodeId ? 'the machine that Navis itself runs on' : 'not on the machine of the hub';
  const elsewhere = hasSsh ? ` ${remote}` : '';
  return `${subject} ${verb} on the node \`${nodeId}\`, ${place}: paths, processes and terminals are those of \`${nodeId}\`. If it is offline, calls fail; they are never made elsewhere instead.${elsewhere}`;
};

const named = (names: readonly string[]): string => {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
};

const facts = ({ date, directory, project, nodes, nodeId }: PromptEnvironment): string[] => [
  `Date: ${date}.`,
  directory === null
    ? 'Working directory: the default of the tools; give `working_dir` for another.'
    : `Working directory: \`${oneLine(directory)}\`, unless a call names another.`,
  ...(project === undefined || project === null ? [] : [projectFact(project)]),
  ...nodeFacts(nodes, nodeId),
];

/**
 * For the IANA name of a person's time zone, such as `Europe/Berlin`. A formatter takes longer to make than all the rest of the
 * prompt: one is made, and writes days from the largest part on.
 */
export const dateWriter = (timeZone: string): ((now: Date) => string) => {
  const formatter = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
  return (now) => {
    const part = Object.fromEntries(formatter.formatToParts(now).map(({ type, value }) => [type, value]));
    return `${part['weekday']}, ${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']} (${timeZone})`;
  };
};

const projectFact = ({ name, path, branch }: NonNullable<PromptEnvironment['project']>): string =>
  `Project: ${oneLine(name)} in \`${oneLine(path)}\`${branch === undefined || branch === null ? '' : `, git branch \`${oneLine(branch)}\` when it was last looked at`}.`;

const nodeFacts = (nodes: readonly PromptNode[], nodeId: string | null): string[] => {
  if (nodes.length === 0) return [];
  const shown = nodes.slice(0, maxNamedNodes).map((node) => describeNode(node, nodeId ?? mainNodeId));
  const more = nodes.length > maxNamedNodes ? `; and ${nodes.length - maxNamedNodes} more` : '';
  return [`Machines (\`node_id\`): ${shown.join('; ')}${more}.`];
};

const describeNode = ({ id, isOnline, platform, labels = {} }: PromptNode, here: string): string => {
  const facts = [
    platform === null ? 'platform not known' : oneLine(platform),
    ...Object.entries(labels).map(([key, value]) => oneLine(`${key}=${value}`)),
    ...(isOnline ? [] : ['offline']),
    ...(id === here ? ['yours'] : []),
  ];
  return `\`${id}\` (${facts.join(', ')})`;
};

/** What machines and folders are called must not read as lines of the prompt. */
const oneLine = (text: string): string => text.replace(/[\s`\p{Cc}]+/gu, ' ').slice(0, 500);

const hints = ({ tools, nodes, depth = 0 }: PromptEnvironment): string[] => {
  const has = (name: string): boolean => tools.includes(name);
  const lines = [
    ...(nodes.length > 1 && has('terminal')
      ? ['A call acts on another machine of the list only where it names that machine by `node_id`.']
      : []),
    ...(has('terminal') || has('filesystem')
      ? ['Long outputs are shortened; `navis://output/<call_id>` is the whole, and `filesystem` reads it.']
      : []),
    ...(has('tool_manual') ? ['`tool_manual` gives the manual of a tool.'] : []),
    ...(depth > 0
      ? [
          'You are a sub-agent: nobody answers questions. End with a report that stands on its own; it is all that is passed on.',
        ]
      : []),
    ...(tools.length === 0 ? ['You have no tools in this conversation; say so where one would be needed.'] : []),
  ];
  return lines.length === 0 ? [] : [section('Hints', lines)];
};
