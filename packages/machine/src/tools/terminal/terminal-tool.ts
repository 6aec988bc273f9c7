/** The tool `terminal`: judges a call and hands it to its action (T2). */
import { parseTerminalCall } from '@navisai/protocol';
import type { TerminalAction, TerminalCall, ToolResult } from '@navisai/protocol';
import { closeTerminal } from './close.ts';
import { listTerminals } from './list.ts';
import { openTerminal } from './open.ts';
import { runCommand } from './run.ts';
import { sendInput } from './send-input.ts';
import { terminalStatus } from './status.ts';
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

/** Rejects with NavisError for what did not get as far as a result. */
export const callTerminalTool = async (context: TerminalContext, invocation: Invocation): Promise<ToolResult> => {
  const { call, warnings } = parseTerminalCall(invocation.request.arguments);
  invocation.warnings.push(...warnings);
  // The action is chosen by the call's own kind, which the compiler cannot follow.
  const act = actions[call.action] as ActionOf<TerminalCall>;
  return act(context, invocation, call);
};
