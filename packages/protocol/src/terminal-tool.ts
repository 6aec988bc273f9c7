/** The tool `terminal`: its published schema and the parser that every call passes (T2–T30). */
import { z } from 'zod';
import {
  maxDescriptionLength,
  maxInputBytes,
  maxPatternLength,
  maxTerminalsPerSession,
  statusLines,
  terminalNamePattern,
  timeoutSeconds,
  waitForSeconds,
} from './limits.ts';
import { callIdSchema, nodeIdSchema } from './ids.ts';
import { offsetSchema } from './entities.ts';
import { parseActionCall } from './action-call.ts';
import type { ParsedCall } from './action-call.ts';
import { commandSchema, pathSchema, seconds, utf8Length, withoutNul } from './tool-fields.ts';

const terminalNameSchema = z
  .string()
  .regex(terminalNamePattern, 'must be 1 to 64 characters of A-Z a-z 0-9 . _ - and not . or ..');

/** T30. */
export const waitForSchema = z
  .strictObject({
    pattern: z
      .string()
      .min(1)
      .max(maxPatternLength)
      .optional()
      .describe('Regular expression (RE2 syntax) to find in the output that follows.'),
    idle_ms: z.number().int().min(50).max(60_000).optional().describe('No output for this many milliseconds.'),
    exit: z.boolean().optional().describe('The process has ended.'),
    timeout: seconds(waitForSeconds).optional().describe(`Seconds to wait, default ${waitForSeconds.default}.`),
  })
  .refine(
    (wait) => wait.pattern !== undefined || wait.idle_ms !== undefined || wait.exit === true,
    'needs pattern, idle_ms or exit',
  );
export type WaitFor = z.infer<typeof waitForSchema>;

export const terminalActions = ['run', 'open', 'close', 'list', 'status', 'send_input'] as const;
export type TerminalAction = (typeof terminalActions)[number];

/** T11: the text is interface. */
export const openDescriptionText =
  "A short human-readable explanation of what this terminal will do (e.g. 'Local dev server', 'Build pipeline'). REQUIRED when action is 'open' — without it the open will fail.";

const fields = {
  action: z.enum(terminalActions, { error: `must be one of ${terminalActions.join(', ')}` }).describe('What to do.'),
  command: commandSchema.optional().describe("Shell command. REQUIRED for 'run' and 'open'."),
  terminal_name: terminalNameSchema
    .optional()
    .describe(
      "Name of the terminal. REQUIRED for 'open', 'close', 'status' and 'send_input'; with 'run' the command executes inside that open shell.",
    ),
  description: z
    .string()
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine(withoutNul, 'must not contain a NUL character')
    .max(maxDescriptionLength)
    .optional()
    .describe(openDescriptionText),
  background: z
    .boolean()
    .optional()
    .describe("For 'open': true returns at once and keeps the process running; false (default) waits for its end."),
  working_dir: pathSchema.optional().describe("Directory for 'run' and 'open'; default: the home directory."),
  timeout: seconds(timeoutSeconds)
    .optional()
    .describe(`Seconds, default ${timeoutSeconds.default}, at most ${timeoutSeconds.max}.`),
  input: z
    .string()
    .min(1)
    .refine((text) => utf8Length(text) <= maxInputBytes, `must be at most ${maxInputBytes} bytes`)
    .optional()
    .describe("Text for 'send_input'; \\n is Enter, control characters pass."),
  wait_for: waitForSchema
    .optional()
    .describe(
      "For 'open', 'send_input' and 'status': wait until the output matches, falls silent or the process ends.",
    ),
  keep_alive: z.boolean().optional().describe("For 'open': never close this terminal for being idle."),
  unconfined: z
    .boolean()
    .optional()
    .describe(
      "For 'run' and 'open' by an agent: outside of the sandbox that hides Navis's own keys and state. Always asks the person; only when nothing else can do.",
    ),
  lines: z
    .number()
    .int()
    .min(statusLines.min)
    .max(statusLines.max)
    .optional()
    .describe(`For 'status': last lines to show, default ${statusLines.default}.`),
  from: offsetSchema
    .optional()
    .describe("For 'status': show the output from this byte offset instead of the last lines."),
  node_id: nodeIdSchema.optional().describe('Node to act on; default: the node of the session.'),
  call_id: callIdSchema
    .optional()
    .describe('Repeats of a call with the same id answer with the first result and run nothing again.'),
};

/** The schema as published to models and at `/docs`; `parseTerminalCall` judges by action on top. */
export const terminalToolSchema = z.strictObject(fields);

export const terminalToolDescription = `Run shell commands and drive named, persistent terminals. 'run' executes one command and returns its output. 'open' starts a named terminal (at most ${maxTerminalsPerSession} per session), 'send_input' types into it, 'status' and 'list' inspect, 'close' ends it with everything it started.`;

type Fields = z.infer<typeof terminalToolSchema>;
type Having<K extends keyof Fields> = { [P in K]-?: Exclude<Fields[P], undefined> };
interface Addressing {
  node_id?: string | undefined;
  call_id?: string | undefined;
}

export type TerminalCall = Addressing &
  (
    | ({ action: 'run' } & Having<'command'> & Pick<Fields, 'working_dir' | 'timeout' | 'terminal_name' | 'unconfined'>)
    | ({ action: 'open' } & Having<'terminal_name' | 'description' | 'command'> &
        Pick<Fields, 'background' | 'working_dir' | 'timeout' | 'wait_for' | 'keep_alive' | 'unconfined'>)
    | ({ action: 'close' } & Having<'terminal_name'>)
    | { action: 'list' }
    | ({ action: 'status' } & Having<'terminal_name'> & Pick<Fields, 'lines' | 'from' | 'wait_for'>)
    | ({ action: 'send_input' } & Having<'terminal_name' | 'input'> & Pick<Fields, 'wait_for'>)
  );

const required: Record<TerminalAction, readonly (keyof Fields)[]> = {
  run: ['command'],
  open: ['terminal_name', 'description', 'command'],
  close: ['terminal_name'],
  list: [],
  status: ['terminal_name'],
  send_input: ['terminal_name', 'input'],
};
const optional: Record<TerminalAction, readonly (keyof Fields)[]> = {
  run: ['working_dir', 'timeout', 'terminal_name', 'unconfined'],
  open: ['background', 'working_dir', 'timeout', 'wait_for', 'keep_alive', 'unconfined'],
  close: [],
  list: [],
  status: ['lines', 'from', 'wait_for'],
  send_input: ['wait_for'],
};
/** Which parameters each action needs and which it may take; the manual is made from this. */
export const terminalActionFields = { required, optional } as const;

export type ParsedTerminalCall = ParsedCall<TerminalCall>;

/** Judges the arguments of one call; throws NavisError INVALID_ARGUMENT naming the field (T2, T4, T6, T10–T12). */
export const parseTerminalCall = (input: unknown): ParsedTerminalCall =>
  parseActionCall<TerminalCall>({ schema: terminalToolSchema, fields: terminalActionFields }, input);
