/** Every command of `navisai`: what it is for, and where it is loaded from when it is called. */
import type { CommandNode } from '../command-line/command.types.ts';

export interface CommandEntry {
  section: 'The hub' | 'Devices' | 'Machines' | 'Terminals' | 'Agents' | 'For scripts' | 'More';
  summary: string;
  load(): Promise<CommandNode>;
}

/** In the order of the help. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  up: {
    section: 'The hub',
    summary: 'Start the hub in the background.',
    load: async () => (await import('./up.ts')).up,
  },
  down: {
    section: 'The hub',
    summary: 'Stop the hub and end every terminal.',
    load: async () => (await import('./down.ts')).down,
  },
  restart: {
    section: 'The hub',
    summary: 'Restart the hub; terminals go on.',
    load: async () => (await import('./restart.ts')).restart,
  },
  status: {
    section: 'The hub',
    summary: 'Say whether the hub runs, and how it is.',
    load: async () => (await import('./status.ts')).status,
  },
  logs: {
    section: 'The hub',
    summary: "Show the hub's log.",
    load: async () => (await import('./logs.ts')).logs,
  },
  doctor: {
    section: 'The hub',
    summary: 'Check everything that Navis needs, with a remedy for each problem.',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  setup: {
    section: 'The hub',
    summary: 'Let other devices reach this hub.',
    load: async () => (await import('./setup.ts')).setup,
  },
  trust: {
    section: 'Devices',
    summary: "Make browsers trust this hub's certificate.",
    load: async () => (await import('./trust.ts')).trust,
  },
  login: {
    section: 'Devices',
    summary: 'Use a hub on another machine from here.',
    load: async () => (await import('./login.ts')).login,
  },
  logout: {
    section: 'Devices',
    summary: 'Forget a hub on another machine.',
    load: async () => (await import('./logout.ts')).logout,
  },
  pair: {
    section: 'Devices',
    summary: 'Pair a browser or another CLI.',
    load: async () => (await import('./pair.ts')).pair,
  },
  devices: {
    section: 'Devices',
    summary: 'List and revoke paired devices.',
    load: async () => (await import('./devices.ts')).devices,
  },
  approvals: {
    section: 'Devices',
    summary: 'See and decide what waits for your approval.',
    load: async () => (await import('./approvals.ts')).approvals,
  },
  nodes: {
    section: 'Machines',
    summary: 'Add, list, label, limit and remove the machines that run work.',
    load: async () => (await import('./nodes.ts')).nodes,
  },
  node: {
    section: 'Machines',
    summary: 'Make this machine a node of a hub; see how it is; leave.',
    load: async () => (await import('./node.ts')).node,
  },
  policy: {
    section: 'Machines',
    summary: 'Explain what the rules of a node allow.',
    load: async () => (await import('./policy.ts')).policy,
  },
  sessions: {
    section: 'Terminals',
    summary: 'List, make, rename and close sessions.',
    load: async () => (await import('./sessions.ts')).sessions,
  },
  terminal: {
    section: 'Terminals',
    summary: 'Open, list, inspect, type into and close terminals.',
    load: async () => (await import('./terminal.ts')).terminal,
  },
  attach: {
    section: 'Terminals',
    summary: 'Use a terminal here, as if it were local.',
    load: async () => (await import('./attach.ts')).attach,
  },
  run: {
    section: 'Terminals',
    summary: 'Run a command and stream its output, on one node or on many.',
    load: async () => (await import('./run.ts')).run,
  },
  cp: {
    section: 'Machines',
    summary: 'Copy files between machines.',
    load: async () => (await import('./cp.ts')).cp,
  },
  chat: {
    section: 'Agents',
    summary: 'Talk to an agent, here or with one question from a script.',
    load: async () => (await import('./chat.ts')).chat,
  },
  profiles: {
    section: 'Agents',
    summary: 'See what agents are set up by, and make your own.',
    load: async () => (await import('./profiles.ts')).profiles,
  },
  models: {
    section: 'Agents',
    summary: 'Add, try and choose the models that agents use.',
    load: async () => (await import('./models.ts')).models,
  },
  projects: {
    section: 'Agents',
    summary: 'See what is worked on, on every node.',
    load: async () => (await import('./projects.ts')).projects,
  },
  recalls: {
    section: 'Agents',
    summary: 'Have agents do tasks later, again and again, or at once.',
    load: async () => (await import('./recalls.ts')).recalls,
  },
  mcp: {
    section: 'Agents',
    summary: 'Let programs use the hub over MCP, and see the MCP servers that agents use.',
    load: async () => (await import('./mcp.ts')).mcp,
  },
  acp: {
    section: 'Agents',
    summary: 'Be an agent of the Agent Client Protocol on stdin and stdout, for an editor.',
    load: async () => (await import('./acp.ts')).acp,
  },
  tool: {
    section: 'For scripts',
    summary: 'Call a tool with JSON arguments.',
    load: async () => (await import('./tool.ts')).tool,
  },
  api: {
    section: 'For scripts',
    summary: 'Send one signed request to the hub.',
    load: async () => (await import('./api.ts')).api,
  },
  manual: {
    section: 'More',
    summary: 'Read the manual of a tool.',
    load: async () => (await import('./manual.ts')).manual,
  },
  reset: {
    section: 'More',
    summary: "Remove the hub's state from this machine.",
    load: async () => (await import('./reset.ts')).reset,
  },
  completion: {
    section: 'More',
    summary: 'Print completions for bash, zsh or fish.',
    load: async () => (await import('./completion.ts')).completion,
  },
};

/** Other words for the same command. */
export const commandAliases: Readonly<Record<string, string>> = {
  session: 'sessions',
  terminals: 'terminal',
  device: 'devices',
  approval: 'approvals',
  log: 'logs',
  model: 'models',
  profile: 'profiles',
  recall: 'recalls',
  project: 'projects',
};
