/** The tool `filesystem`: its published schema and the parser that every call passes (P5, N4). */
import { z } from 'zod';
import { parseActionCall } from './action-call.ts';
import type { ParsedCall } from './action-call.ts';
import { callIdSchema, nodeIdSchema } from './ids.ts';
import {
  excludedNames,
  fileResults,
  maxFileEdits,
  maxFileReadBytes,
  maxFileWriteBytes,
  maxPatternLength,
  timeoutSeconds,
} from './limits.ts';
import { pathSchema, seconds, utf8Length } from './tool-fields.ts';

export const filesystemActions = [
  'read',
  'write',
  'edit',
  'list',
  'find',
  'grep',
  'copy',
  'move',
  'delete',
  'diff',
] as const;
export type FilesystemAction = (typeof filesystemActions)[number];

const wholeNumber = (least: number) => {
  const message = `must be a whole number of at least ${least}`;
  return z.number({ error: message }).int(message).min(least, message).max(Number.MAX_SAFE_INTEGER, message);
};

const contentSchema = z
  .string()
  .refine(
    (text) => utf8Length(text) <= Math.ceil(maxFileWriteBytes / 3) * 4,
    `must be at most ${maxFileWriteBytes} bytes`,
  );

const globSchema = z.string().min(1).max(maxPatternLength);

export const fileEditSchema = z.strictObject({
  find: z.string().min(1).describe('The exact text to replace, whitespace and line breaks included.'),
  replace: z.string().describe('What stands there afterwards; empty removes it.'),
  count: z.number().int().min(1).optional().describe('How often `find` must occur; default 1. All are replaced.'),
});

const fields = {
  action: z
    .enum(filesystemActions, { error: `must be one of ${filesystemActions.join(', ')}` })
    .describe('What to do.'),
  path: pathSchema
    .optional()
    .describe(
      "File or directory: absolute, from '~', or relative to 'working_dir'. REQUIRED except for 'list', 'find' and 'grep', which look at 'working_dir' by default. 'read' also takes navis://output/<call_id>, the whole output of a call.",
    ),
  to: pathSchema.optional().describe("Target of 'copy' and 'move' (REQUIRED), second file of 'diff'."),
  to_node_id: nodeIdSchema.optional().describe("For 'copy' of one file: the node that 'to' is on; default: the same."),
  working_dir: pathSchema.optional().describe('Where relative paths begin; default: the home directory.'),
  content: contentSchema
    .optional()
    .describe(
      `For 'write': the whole new content, at most ${maxFileWriteBytes} bytes. For 'diff': compared with 'path'.`,
    ),
  encoding: z
    .enum(['utf8', 'base64'], { error: 'must be utf8 or base64' })
    .optional()
    .describe(
      "Of 'content' in 'write' and of the answer of 'read'; default utf8. Files that are not text need base64.",
    ),
  from: wholeNumber(0)
    .optional()
    .describe("For 'read': first byte (from 0) or line (from 1). For 'list': entries to skip."),
  limit: wholeNumber(1)
    .optional()
    .describe(
      `For 'read': bytes or lines, never more than ${maxFileReadBytes} bytes. For 'list', 'find' and 'grep': results, default ${fileResults.default}, at most ${fileResults.max}.`,
    ),
  unit: z
    .enum(['bytes', 'lines'], { error: 'must be bytes or lines' })
    .optional()
    .describe("Unit of 'from' and 'limit' in 'read'; default bytes."),
  edits: z
    .array(fileEditSchema)
    .min(1)
    .max(maxFileEdits)
    .optional()
    .describe("For 'edit': exact replacements, done in this order, all or none."),
  expected: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "For 'write', 'edit', 'move' and 'delete' of a file: the 'version' or 'sha256' that a read gave, or 'absent'. If the file is another by now, FILE_CONFLICT and nothing is changed.",
    ),
  overwrite: z.boolean().optional().describe("For 'copy' and 'move': replace an existing file; default false."),
  create_parents: z.boolean().optional().describe("For 'write', 'copy' and 'move': make missing directories."),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'must be octal, such as 644')
    .optional()
    .describe("For 'write': permission bits in octal; default: those of the file, 644 for a new one."),
  recursive: z.boolean().optional().describe("For 'copy' and 'delete' of a directory: with all that is in it."),
  dry_run: z.boolean().optional().describe("For 'delete': only tell what would be removed."),
  pattern: z
    .string()
    .min(1)
    .max(maxPatternLength)
    .optional()
    .describe(
      "For 'grep': regular expression (RE2 syntax), REQUIRED. For 'find': glob for the name or, with a slash, the path below 'path', such as *.ts or src/**/*.test.ts.",
    ),
  type: z
    .enum(['file', 'directory', 'link'], { error: 'must be file, directory or link' })
    .optional()
    .describe("For 'find': only entries of this type."),
  include: globSchema.optional().describe("For 'grep': glob of the files to search, such as *.ts."),
  exclude: z
    .array(globSchema)
    .max(100)
    .optional()
    .describe(
      `For 'find' and 'grep': globs of files and directories to leave out; default ${excludedNames.join(', ')}; [] leaves out nothing.`,
    ),
  max_depth: z.number().int().min(1).max(1000).optional().describe("For 'find' and 'grep': levels below 'path'."),
  ignore_case: z.boolean().optional().describe("For 'grep'."),
  context: z.number().int().min(0).max(20).optional().describe("For 'grep': lines to show around each match."),
  timeout: seconds(timeoutSeconds)
    .optional()
    .describe(`Seconds, default ${timeoutSeconds.default}, at most ${timeoutSeconds.max}.`),
  node_id: nodeIdSchema.optional().describe('Node to act on; default: the node of the session.'),
  call_id: callIdSchema
    .optional()
    .describe('Repeats of a call with the same id answer with the first result and change nothing again.'),
};

/** The schema as published to models and at `/docs`; `parseFilesystemCall` judges by action on top. */
export const filesystemToolSchema = z.strictObject(fields);

export const filesystemToolDescription =
  "Read and change files and directories. 'read', 'list', 'find', 'grep' and 'diff' look; 'write' replaces a whole file, 'edit' replaces exact pieces of one and answers with the diff; 'copy', 'move' and 'delete' take files and directories. A file is always changed as a whole or not at all.";

type Fields = z.infer<typeof filesystemToolSchema>;
type Having<K extends keyof Fields> = { [P in K]-?: Exclude<Fields[P], undefined> };
type Always = Pick<Fields, 'working_dir' | 'timeout' | 'node_id' | 'call_id'>;

export type FilesystemCall = Always &
  (
    | ({ action: 'read' } & Having<'path'> & Pick<Fields, 'from' | 'limit' | 'unit' | 'encoding'>)
    | ({ action: 'write' } & Having<'path' | 'content'> &
        Pick<Fields, 'encoding' | 'expected' | 'create_parents' | 'mode'>)
    | ({ action: 'edit' } & Having<'path' | 'edits'> & Pick<Fields, 'expected'>)
    | ({ action: 'list' } & Pick<Fields, 'path' | 'from' | 'limit'>)
    | ({ action: 'find' } & Pick<Fields, 'path' | 'pattern' | 'type' | 'exclude' | 'max_depth' | 'limit'>)
    | ({ action: 'grep' } & Having<'pattern'> &
        Pick<Fields, 'path' | 'include' | 'exclude' | 'max_depth' | 'ignore_case' | 'context' | 'limit'>)
    | ({ action: 'copy' } & Having<'path' | 'to'> &
        Pick<Fields, 'to_node_id' | 'overwrite' | 'create_parents' | 'recursive'>)
    | ({ action: 'move' } & Having<'path' | 'to'> & Pick<Fields, 'expected' | 'overwrite' | 'create_parents'>)
    | ({ action: 'delete' } & Having<'path'> & Pick<Fields, 'expected' | 'recursive' | 'dry_run'>)
    | ({ action: 'diff' } & Having<'path'> & Pick<Fields, 'to' | 'content'>)
  );

const always = ['working_dir', 'timeout'] as const;
const required: Record<FilesystemAction, readonly (keyof Fields)[]> = {
  read: ['path'],
  write: ['path', 'content'],
  edit: ['path', 'edits'],
  list: [],
  find: [],
  grep: ['pattern'],
  copy: ['path', 'to'],
  move: ['path', 'to'],
  delete: ['path'],
  diff: ['path'],
};
const optional: Record<FilesystemAction, readonly (keyof Fields)[]> = {
  read: ['from', 'limit', 'unit', 'encoding', ...always],
  write: ['encoding', 'expected', 'create_parents', 'mode', ...always],
  edit: ['expected', ...always],
  list: ['path', 'from', 'limit', ...always],
  find: ['path', 'pattern', 'type', 'exclude', 'max_depth', 'limit', ...always],
  grep: ['path', 'include', 'exclude', 'max_depth', 'ignore_case', 'context', 'limit', ...always],
  copy: ['to_node_id', 'overwrite', 'create_parents', 'recursive', ...always],
  move: ['expected', 'overwrite', 'create_parents', ...always],
  delete: ['expected', 'recursive', 'dry_run', ...always],
  diff: ['to', 'content', ...always],
};

/** Which parameters each action needs and which it may take; the manual is made from this. */
export const filesystemActionFields = { required, optional } as const;

/** Throws NavisError INVALID_ARGUMENT naming the field. */
export const parseFilesystemCall = (input: unknown): ParsedCall<FilesystemCall> =>
  parseActionCall<FilesystemCall>({ schema: filesystemToolSchema, fields: filesystemActionFields }, input);
