/** The tool `code_exec`: its published schema and the parser that every call passes (P5). */
import { z } from 'zod';
import { argumentError } from './action-call.ts';
import { callIdSchema, nodeIdSchema } from './ids.ts';
import { maxCodeBytes, maxStdinBytes, timeoutSeconds } from './limits.ts';
import { pathSchema, seconds, utf8Length, withoutNul } from './tool-fields.ts';

export const codeLanguages = ['python', 'javascript', 'shell'] as const;
export type CodeLanguage = (typeof codeLanguages)[number];

const bounded = (maxBytes: number) =>
  z
    .string()
    .refine(withoutNul, 'must not contain a NUL character')
    .refine((text) => utf8Length(text) <= maxBytes, `must be at most ${maxBytes} bytes`);

export const codeExecToolSchema = z.strictObject({
  language: z
    .enum(codeLanguages, { error: `must be one of ${codeLanguages.join(', ')}` })
    .describe('python runs with python3, javascript with node, shell with bash (else sh), as found in PATH.'),
  code: bounded(maxCodeBytes)
    .refine((text) => text.trim() !== '', 'must not be empty')
    .describe(`The program text, at most ${maxCodeBytes} bytes.`),
  args: z.array(bounded(4096)).max(100).optional().describe('Arguments of the program.'),
  stdin: bounded(maxStdinBytes)
    .optional()
    .describe(`Text on standard input, at most ${maxStdinBytes} bytes; default: empty.`),
  working_dir: pathSchema.optional().describe('Directory to run in; default: the home directory.'),
  timeout: seconds(timeoutSeconds)
    .optional()
    .describe(`Seconds, default ${timeoutSeconds.default}, at most ${timeoutSeconds.max}.`),
  node_id: nodeIdSchema.optional().describe('Node to run on; default: the node of the session.'),
  call_id: callIdSchema
    .optional()
    .describe('Repeats of a call with the same id answer with the first result and run nothing again.'),
});
export type CodeExecCall = z.infer<typeof codeExecToolSchema>;

export const codeExecToolDescription =
  'Run a short program in Python, JavaScript or shell and return its output and exit code. It is a process of its own that nothing stays of; use the tool terminal for commands that already exist and for what goes on running.';

/** Throws NavisError INVALID_ARGUMENT naming the field. */
export const parseCodeExecCall = (input: unknown): CodeExecCall => {
  const parsed = codeExecToolSchema.safeParse(input);
  if (!parsed.success) throw argumentError(parsed.error);
  return parsed.data;
};
