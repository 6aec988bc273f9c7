/** The one place that decides whether a call may run, and that says why (architecture, idea 6). */
import { analyseCommand } from './analyse-command.ts';
import type { AllowedCommands } from './allowed-commands.ts';

export interface PolicyRules {
  allowedCommands: AllowedCommands;
}

/** What is about to run: the text that a shell will get. */
export interface PolicyCall {
  tool: string;
  command: string;
}

export interface Principal {
  userId: string;
  origin: 'person' | 'agent';
}

export interface PolicyStep {
  /** Name of the rule, such as `allowed-commands` (T27). */
  rule: string;
  /** The program or text that the rule looked at. */
  subject: string;
  effect: 'allow' | 'ask' | 'deny';
  reason: string;
}

export interface PolicyDecision {
  effect: 'allow' | 'ask' | 'deny';
  /** The step that decided. */
  decidedBy: PolicyStep;
  /** Every step in the order taken. */
  trace: PolicyStep[];
}

/** Pure; what denies outweighs what asks, which outweighs what allows. The principal's role gives rise to no rule yet. */
export const decide = (rules: PolicyRules, call: PolicyCall, _principal: Principal): PolicyDecision => {
  const trace = judgeAllowedCommands(rules.allowedCommands, call.command);
  const [first] = trace;
  const decidedBy =
    trace.find(({ effect }) => effect === 'deny') ?? trace.find(({ effect }) => effect === 'ask') ?? first;
  return { effect: decidedBy.effect, decidedBy, trace };
};

const rule = 'allowed-commands';

const judgeAllowedCommands = (allowed: AllowedCommands, command: string): [PolicyStep, ...PolicyStep[]] => {
  if (allowed.kind === 'any') {
    return [{ rule, subject: command, effect: 'allow', reason: 'TERMINAL_ALLOWED_COMMANDS sets no limit.' }];
  }
  if (allowed.programs.size === 0) {
    return [{ rule, subject: command, effect: 'deny', reason: 'TERMINAL_ALLOWED_COMMANDS is empty: nothing may run.' }];
  }
  const { programs, unknown } = analyseCommand(command);
  const steps = [
    ...unknown.map(({ text, reason }): PolicyStep => ({ rule, subject: text, effect: 'deny', reason })),
    ...programs.map((program) => judgeProgram(allowed.programs, program)),
  ];
  const [first, ...rest] = steps;
  const nothing: PolicyStep = { rule, subject: command, effect: 'allow', reason: 'It starts no program.' };
  return first === undefined ? [nothing] : [first, ...rest];
};

const judgeProgram = (allowed: ReadonlySet<string>, program: string): PolicyStep => {
  if (allowed.has(program)) {
    return { rule, subject: program, effect: 'allow', reason: `${program} is in TERMINAL_ALLOWED_COMMANDS.` };
  }
  const hint = program.includes('/') ? ' A program named by its path must be listed with exactly this path.' : '';
  const reason = `${program} is not in TERMINAL_ALLOWED_COMMANDS.${hint}`;
  return { rule, subject: program, effect: 'deny', reason };
};
