/** `navisai status`: whether the hub runs, and how it is. Loads as little as possible (S1). */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { originOf } from '../hub/home.ts';
import { locateHub, type HubCondition } from '../hub/locate.ts';
import { formatDuration } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import type { NodeCounts } from '../nodes/node-counts.ts';
import { printable } from '../output/printable.ts';

const probeTimeoutMs = 3_000;
const degradedExitCode = 7;
const unreachableExitCode = 3;

export const status = defineCommand({
  summary: 'Say whether the hub runs, and how it is.',
  details:
    'Exit codes: 0 running, 3 not running or not answering, 7 degraded. On a terminal and with --json it counts the nodes too.',
  examples: [
    { command: 'navisai status', note: 'for people' },
    { command: 'navisai status --json', note: 'for scripts' },
  ],
  flags: {},
  async run({ output }) {
    const environment = readEnvironment();
    const { home } = environment;
    const elsewhere = await chooseHub(environment);
    if (elsewhere !== undefined) return (await import('../hub/status-elsewhere.ts')).statusElsewhere(elsewhere, output);
    const condition = await locateHub(home, probeTimeoutMs);
    const nodes = condition.kind === 'running' && isWatched(output) ? await askNodes(home) : undefined;
    const value = { ...toValue(condition, home), ...(nodes === undefined ? {} : { nodes }) };
    output.result(value, () => [...describe(condition, home, output), ...nodeLines(nodes, output)]);
    if (condition.kind !== 'running') return unreachableExitCode;
    return condition.status.status === 'degraded' ? degradedExitCode : 0;
  },
});

/** The nodes are asked for with a signed call, which takes longer than all the rest (S1): only for somebody who reads it. */
const isWatched = ({ isTerminal, isJson }: Output): boolean => isTerminal || isJson;

const askNodes = async (home: string): Promise<NodeCounts | undefined> => {
  const [{ openLocalHub }, { countNodes }] = await Promise.all([
    import('../hub/connect.ts'),
    import('../nodes/node-counts.ts'),
  ]);
  try {
    const hub = await openLocalHub(home);
    try {
      return await countNodes(hub.api);
    } finally {
      hub.close();
    }
  } catch {
    // A degraded hub does not tell; what is wrong with it is told above.
    return undefined;
  }
};

const nodeLines = (nodes: NodeCounts | undefined, { colors }: Output): string[] => {
  if (nodes === undefined || (nodes.online === 1 && nodes.offline.length === 0)) return [];
  const { online, offline } = nodes;
  return [
    `  nodes   ${online} online${offline.length === 0 ? '' : `, ${offline.length} offline`}`,
    ...(offline.length === 0 ? [] : [`  ${colors.yellow('!')} offline: ${printable(offline.join(', '), 300)}`]),
  ];
};

const toValue = (condition: HubCondition, home: string): Record<string, unknown> => {
  const { kind } = condition;
  const origin = condition.kind === 'running' ? condition.origin : originOf(condition.port);
  const pid = condition.kind === 'dead' ? undefined : condition.process?.pid;
  const common = { running: kind === 'running', state: kind, origin, pid, home };
  switch (condition.kind) {
    case 'running':
      return { ...common, ...condition.status, state: condition.status.status };
    case 'hung':
      return { ...common, reason: condition.reason };
    case 'dead':
      return { ...common, state: 'stopped', ...(condition.stranger ? { reason: condition.stranger } : {}) };
  }
};

const describe = (condition: HubCondition, home: string, { colors }: Output): string[] => {
  switch (condition.kind) {
    case 'running':
      return runningLines(condition, home, colors);
    case 'hung':
      return [
        `${colors.yellow('●')} The hub (process ${condition.process.pid}) runs but cannot be used: ${condition.reason}.`,
        '  → navisai restart  (keeps every terminal)',
      ];
    case 'dead':
      return [
        `${colors.dim('○')} The hub is not running.`,
        ...(condition.stranger === undefined
          ? ['  → navisai up']
          : [
              `  Another program has its port ${condition.port}: ${condition.stranger}.`,
              '  → navisai up --port=N, or stop that program',
            ]),
      ];
  }
};

const runningLines = (
  { status: hub, origin, process }: Extract<HubCondition, { kind: 'running' }>,
  home: string,
  colors: Output['colors'],
): string[] => {
  const isFine = hub.status === 'ok';
  const dot = isFine ? colors.green('●') : colors.yellow('●');
  const state = isFine ? 'runs' : hub.status === 'degraded' ? 'runs in degraded mode' : 'is stopping';
  const since = formatDuration(Date.parse(hub.serverTime) - Date.parse(hub.startedAt));
  return [
    `${dot} The hub ${state} on ${origin}`,
    `  version ${printable(hub.version)}, up ${since}${process === undefined ? '' : `, process ${process.pid}`}`,
    `  pairing ${printable(hub.pairing)}`,
    `  home    ${printable(home)}`,
    ...hub.problems.flatMap(({ what, affects, remedy }) => [
      `  ${colors.yellow('!')} ${printable(what)}`,
      `    ${printable(affects)}`,
      `    → ${printable(remedy)}`,
    ]),
  ];
};
