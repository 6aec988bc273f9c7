/** `navisai tool`: one tool call with JSON arguments, for scripts and tests; the result is JSON in every case. */
import { defineCommand } from '../command-line/command.types.ts';
import { callTool } from '../hub/call-tool.ts';
import { withHub } from '../hub/connect.ts';
import { resolveSession, sessionFlag } from '../hub/session.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { toJson } from '../output/printable.ts';
import { describeError } from '../output/report-error.ts';
import { readTextInput } from '../output/text-input.ts';
import { toolExitCode } from '../output/tool-exit-code.ts';

export const tool = defineCommand({
  summary: 'Call a tool with JSON arguments.',
  details:
    'Prints {"success","output","error?","metadata"} and ends with 0 only on success. The hub may restart in between: nothing is lost, and nothing runs twice.',
  examples: [
    {
      command: `navisai tool terminal '{"action":"run","command":"uname -a"}'`,
      note: 'in your default session',
    },
    { command: 'navisai tool terminal @call.json --session s_4k2m…', note: 'arguments from a file' },
    { command: `echo '{"action":"list"}' | navisai tool terminal -`, note: 'arguments from stdin' },
  ],
  flags: { ...nodeFlag, ...sessionFlag },
  positionals: [
    {
      name: 'tool',
      summary: 'Name of the tool, such as terminal.',
      completes: 'tools',
      maxLength: 1000,
      format: { pattern: /^[a-z_]{1,64}$/, meaning: 'the name of a tool, such as terminal' },
    },
    { name: 'arguments', summary: 'JSON object; - reads stdin, @file reads a file.' },
  ],
  async run({ flags, positionals, output }) {
    try {
      const input = parseArguments(await readTextInput(positionals.arguments ?? '', '<arguments>'));
      return await withHub(async ({ api }) => {
        const [sessionId, nodeId] = await Promise.all([
          resolveSession(api, flags.session),
          resolveNode(api, flags.node),
        ]);
        const result = await callTool(api, { sessionId, tool: positionals.tool ?? '', input: onNode(input, nodeId) });
        output.line(toJson(result));
        return toolExitCode(result);
      });
    } catch (error) {
      await printFailure(error, output);
      throw error;
    }
  },
});

const parseArguments = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`<arguments> must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** `--node` is the argument `node_id` by another name; an object that has one itself must agree. */
const onNode = (input: unknown, nodeId: string | undefined): unknown => {
  if (nodeId === undefined || typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  if (Object.hasOwn(input, 'node_id') && (input as { node_id: unknown }).node_id !== nodeId)
    throw usageError('--node and node_id in <arguments> contradict each other.');
  return { ...input, node_id: nodeId };
};

/** Scripts read a result from stdout whatever happened; the person's explanation goes to stderr. */
const printFailure = async (error: unknown, output: Output): Promise<void> => {
  const { code, message, field } = await describeError(error);
  const facts = { code, message, ...(field === undefined ? {} : { field }) };
  output.line(toJson({ success: false, output: '', error: facts, metadata: {} }));
};
