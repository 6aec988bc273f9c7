/** The tool `terminal`: judges a call and hands it to its action (T2). */
import { parseTerminalCall } from '@navisai/protocol';
import type { TerminalAction, TerminalCall, ToolResult } from '@navisai/protocol';
import { closeTerminal } from './close.ts';
import { listTerminals } from './list.ts';
import { openedBySameCall, openTerminal } from './open.ts';
import { runCommand } from './run.ts';
import { sendInput } from './send-input.ts';
import { terminalStatus } from './status.ts';
import type { PlanCall } from '../tool.types.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

type ActionOf<Call> = (
  context: TerminalContext,
  invocation: Invocation,
  call: Call,
) => ToolResult | Promise<ToolResult>;

const actions: { [Action in TerminalAction]: ActionOf<Extract<TerminalCall, { action: Action }>> } = {
  run: runCommand,
  open: openTerminal,
  close: closeTerminal,
  list: listTerminals,
  status: terminalStatus,
  send_input: sendInput,
};

/** Throws INVALID_ARGUMENT. */
export const planTerminalCall: PlanCall = (context, invocation) => {
  const { call, warnings } = parseTerminalCall(invocation.request.arguments);
  invocation.warnings.push(...warnings);
  // The action is chosen by the call's own kind, which the compiler cannot follow.
  const act = actions[call.action] as ActionOf<TerminalCall>;
  return {
    action: call.action,
    access: call.action === 'list' || call.action === 'status' ? 'read' : 'change',
    summary: summaryOf(call),
    isJournaled: isJournaled(call),
    mayGoUnrecorded: call.action === 'close',
    isKnownToHost: () => isKnownToHost(context, invocation, call),
    act: () => act(context, invocation, call),
  };
};

/** The record of the run-host stands for a command in a process of its own (N7). */
const isJournaled = (call: TerminalCall): boolean => {
  if (call.action === 'run') return call.terminal_name !== undefined;
  return call.action !== 'list' && call.action !== 'status';
};

const isKnownToHost = (context: TerminalContext, invocation: Invocation, { action }: TerminalCall): boolean => {
  if (action === 'open') return openedBySameCall(context, invocation) !== undefined;
  return action === 'run' && context.runHosts.sessionOf(invocation.request.callId) !== undefined;
};

const summaryOf = (call: TerminalCall): string => {
  if (call.action === 'list') return 'all terminals';
  if (call.action !== 'run' && call.action !== 'open') return call.terminal_name;
  return call.terminal_name === undefined ? call.command : `${call.terminal_name}: ${call.command}`;
};
