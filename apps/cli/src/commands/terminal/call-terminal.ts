/** One call of the tool `terminal` for a person: prints its output as text, or the whole result with `--json`. */
import type { ToolResult } from '@navisai/protocol';
import { callTool } from '../../hub/call-tool.ts';
import { withHub } from '../../hub/connect.ts';
import { resolveSession } from '../../hub/session.ts';
import { resolveNode } from '../../nodes/find-node.ts';
import { CommandError } from '../../output/command-error.ts';
import type { Output } from '../../output/output.ts';
import { printable, printableLines } from '../../output/printable.ts';
import { commandExitCode, isOwnEnd, toolExitCode } from '../../output/tool-exit-code.ts';

export interface TerminalCallRequest {
  session: string | undefined;
  /** Id or name; default: the hub's own machine. */
  node: string | undefined;
  /** Arguments of the tool; those that need to know the node are made when it is known. */
  input: Record<string, unknown> | ((nodeId: string | undefined) => Promise<Record<string, unknown>>);
  output: Output;
  /** The output is that of the person's own command: it goes out as it is, and the command's exit code is ours. */
  isCommand?: boolean;
}

/** Resolves with the exit code. */
export const callTerminal = (request: TerminalCallRequest): Promise<number> =>
  withHub(async ({ api }) => {
    const { output, isCommand = false } = request;
    const [sessionId, nodeId] = await Promise.all([
      resolveSession(api, request.session),
      resolveNode(api, request.node),
    ]);
    const given = typeof request.input === 'function' ? await request.input(nodeId) : request.input;
    const known = Object.entries({ ...given, node_id: nodeId }).filter(([, value]) => value !== undefined);
    const input = Object.fromEntries(known);
    const onAway = (): void => output.remark('navisai: the hub is away; waiting for it to come back …');
    const result = await callTool(api, { sessionId, tool: 'terminal', input }, { onAway });
    if (output.isJson) output.result(result, () => []);
    else printText(result, output, isCommand);
    return isCommand ? commandExitCode(result) : toolExitCode(result);
  });

const printText = (result: ToolResult, output: Output, isCommand: boolean): void => {
  const text = isCommand ? result.output : printableLines(result.output);
  if (text !== '' && (result.success || isCommand)) output.raw(text.endsWith('\n') ? text : `${text}\n`);
  for (const warning of result.metadata.warnings ?? []) output.remark(`navisai: ${printable(warning)}`);
  if (!result.success && !(isCommand && isOwnEnd(result))) throw failureOf(result);
};

const failureOf = (result: ToolResult): CommandError =>
  new CommandError(result.error?.message ?? 'The call failed.', {
    code: result.error?.code ?? 'INTERNAL',
    exitCode: toolExitCode(result),
  });
