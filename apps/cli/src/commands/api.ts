/** `navisai api`: one signed request, for scripts. */
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';
import { readTextInput } from '../output/text-input.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const api = defineCommand({
  summary: 'Send one signed request to the hub and print its answer.',
  details: 'Ends with 0 for an answer below 400. The whole API is described by the hub at /docs.',
  examples: [
    { command: 'navisai api GET "/sessions?limit=5"', note: 'read' },
    {
      command: `navisai api POST /sessions '{"title":"release"}'`,
      note: 'with a JSON body; - reads stdin, @file a file',
    },
    { command: 'navisai api GET /status --include', note: 'with status and content type' },
  ],
  flags: { include: { type: 'boolean', short: 'i', summary: 'Print status and content type on stderr.' } },
  positionals: [
    { name: 'method', summary: methods.join(', '), completes: methods, maxLength: 10 },
    { name: 'path', summary: 'From the root, with query.', maxLength: 16_384 },
    { name: 'body', summary: 'JSON; - reads stdin, @file reads a file.', optional: true },
  ],
  async run({ flags, positionals, output }) {
    const method = (positionals.method ?? '').toUpperCase();
    if (!methods.includes(method)) throw usageError(`<method> must be one of ${methods.join(', ')}.`);
    const path = checkPath(positionals.path ?? '');
    const body =
      positionals.body === undefined ? undefined : parseBody(await readTextInput(positionals.body, '<body>'));
    return withHub(async (hub) => {
      const answer = await hub.api.send({ method, path, body });
      if (flags.include) output.remark(`${answer.status} ${printable(answer.contentType)}`);
      output.raw(answer.body);
      if (output.isTerminal && answer.body.at(-1) !== 0x0a) output.line();
      return answer.status < 400 ? 0 : exitCodeOf(answer.body);
    });
  },
});

const checkPath = (path: string): string => {
  if (!/^\/[\x21-\x7e]*$/.test(path) || path.includes('#'))
    throw usageError('<path> must begin with / and hold no spaces, fragments or characters that URLs escape.');
  return path;
};

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`<body> must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** By the code in the error's body, so that scripts tell "not found" from "not allowed". */
const exitCodeOf = async (body: Uint8Array): Promise<number> => {
  const { errorTable, isErrorCode } = await import('@navisai/protocol');
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body)) as { code?: unknown };
    return isErrorCode(code) ? errorTable[code].exit : 1;
  } catch {
    return 1;
  }
};
