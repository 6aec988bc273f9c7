/** The action `run`: one command in a process of its own, or inside an open shell (T1–T9, T24). */
import { timeoutSeconds } from '@navisai/protocol';
import type { TerminalCall, ToolResult } from '@navisai/protocol';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { commandShell } from './command-shell.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { refuseForeignCall, runProgram } from './run-program.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

type RunCall = Extract<TerminalCall, { action: 'run' }>;

export const runCommand = async (
  context: TerminalContext,
  invocation: Invocation,
  call: RunCall,
): Promise<ToolResult> => {
  const { terminal_name: name } = call;
  if (name !== undefined) return runInTerminal(context, invocation, { ...call, terminal_name: name });
  refuseForeignCall(context, invocation);
  const { variables, home, warnings } = await context.environment();
  const workingDirectory = await resolveWorkingDirectory({ requested: call.working_dir, home });
  context.guard.allowCommand(invocation.request, { text: call.command, workingDirectory });
  const [file, ...args] = commandShell(variables, call.command);
  const program = await context.guard.confine(
    { file, args, workingDirectory, environment: { ...variables } },
    invocation.request,
  );
  invocation.warnings.push(...warnings);
  return runProgram(context, invocation, { program, timeoutMs: (call.timeout ?? timeoutSeconds.default) * 1000 });
};
