/** The one place that decides whether a call may run, and that says why (architecture, idea 6). */
import type { PolicyDecision, PolicyStep } from '@navisai/protocol';
import { analyseCommand } from './analyse-command.ts';
import type { CommandAnalysis } from './analyse-command.ts';
import type { AllowedCommands } from './allowed-commands.ts';
import { contains, normalPath } from './directories.ts';
import type { Directory } from './directories.ts';
import type { Moment } from './hours.ts';
import { judgeByLayer, judgePrograms } from './layers.ts';
import type { JudgedCall, PolicyLayer } from './layers.ts';

export interface PolicyRules {
  allowedCommands: AllowedCommands;
  /** The node's own ceiling, then the hub's overlay; every one must allow (N12). */
  layers?: readonly PolicyLayer[];
  /** What no call may reach while a layer restricts: normal paths. */
  protectedPaths?: { hidden: readonly string[]; readOnly: readonly string[] };
  /** For `~` in directories. */
  home?: string;
}

/** What is about to be done; the parts that are not known are not judged. */
export interface PolicyCall {
  tool: string;
  action?: string | undefined;
  access?: 'read' | 'change' | undefined;
  /** A part of a call whose tool was judged before. */
  isToolJudged?: boolean | undefined;
  /** The text that a shell will get. */
  command?: string | undefined;
  workingDirectory?: string | undefined;
  /** A file or directory, absolute and free of links. */
  path?: Directory | undefined;
  at?: Moment | undefined;
}

export interface Principal {
  userId: string;
  origin: 'person' | 'agent';
}

/** A trace is cut to this many steps; the one that decided stays. */
const maxSteps = 500;

/** Pure; what denies outweighs what asks, which outweighs what allows. The principal's role gives rise to no rule yet. */
export const decide = (rules: PolicyRules, call: PolicyCall, _principal: Principal): PolicyDecision => {
  const { home = '/', layers = [] } = rules;
  const { command: text, workingDirectory, path } = call;
  const command = text === undefined ? undefined : readOnDemand(text);
  const judged: JudgedCall = { ...emptyCall, ...call, command, workingDirectory, path, home };
  const trace = [
    ...judgeProtected(rules, judged),
    ...layers.flatMap((layer) => judgeByLayer(layer, judged)),
    ...judgeAllowedCommands(rules.allowedCommands, command),
  ];
  const decidedBy =
    trace.find(({ effect }) => effect === 'deny') ?? trace.find(({ effect }) => effect === 'ask') ?? trace[0];
  if (decidedBy === undefined) return { effect: 'allow', decidedBy: nothingLimits(call), trace: [nothingLimits(call)] };
  return { effect: decidedBy.effect, decidedBy, trace: shorten(trace, decidedBy) };
};

/** Reading a command costs time, and most machines have no rule that asks. */
const readOnDemand = (text: string): NonNullable<JudgedCall['command']> => {
  let analysis: CommandAnalysis | undefined;
  return {
    text,
    get analysis() {
      return (analysis ??= analyseCommand(text));
    },
  };
};

const emptyCall = { action: undefined, access: undefined, at: undefined, isToolJudged: false };

const shorten = (trace: PolicyStep[], decidedBy: PolicyStep): PolicyStep[] => {
  if (trace.length <= maxSteps) return trace;
  const kept = trace.slice(0, maxSteps);
  return kept.includes(decidedBy) ? kept : [...kept.slice(0, -1), decidedBy];
};

const nothingLimits = ({ tool }: PolicyCall): PolicyStep => ({
  rule: 'none',
  subject: tool,
  effect: 'allow',
  reason: 'No rule of this machine limits it.',
  source: 'Navis',
});

/** Even a directory that a ceiling names opens none of these, except what it names inside of the system's own places. */
const judgeProtected = ({ protectedPaths, home = '/', layers = [] }: PolicyRules, call: JudgedCall): PolicyStep[] => {
  const asked =
    call.path ??
    (call.workingDirectory === undefined ? undefined : { path: call.workingDirectory, access: 'read' as const });
  if (protectedPaths === undefined || asked === undefined) return [];
  const path = normalPath(asked.path, home);
  const deny = (rule: string, reason: string): PolicyStep[] => [
    { rule, subject: path, effect: 'deny', reason, source: 'Navis' },
  ];
  if (protectedPaths.hidden.some((hidden) => contains(hidden, path)))
    return deny(
      'hidden',
      `${path} belongs to this machine itself or shows other processes; with a ceiling nothing reaches it.`,
    );
  const isSystem = protectedPaths.readOnly.some((system) => contains(system, path));
  if (asked.access === 'read' || !isSystem || namesInside(layers, protectedPaths.readOnly, home)(path)) return [];
  return deny(
    'system',
    `${path} belongs to the system; with a ceiling it can only be read unless the ceiling names it.`,
  );
};

const namesInside =
  (layers: readonly PolicyLayer[], system: readonly string[], home: string) =>
  (path: string): boolean => {
    const [own] = layers;
    const named = (own?.ceiling.directories ?? []).map((directory) => normalPath(directory.path, home));
    return named.some((directory) => contains(directory, path) && system.some((place) => contains(place, directory)));
  };

const rule = 'allowed-commands';
const source = 'TERMINAL_ALLOWED_COMMANDS';

const judgeAllowedCommands = (allowed: AllowedCommands, command: JudgedCall['command']): PolicyStep[] => {
  if (command === undefined) return [];
  if (allowed.kind === 'any')
    return [{ rule, subject: command.text, effect: 'allow', reason: `${source} sets no limit.`, source }];
  return judgePrograms(command, { rule, list: source, allowed: allowed.programs }).map((step) => ({ ...step, source }));
};
