/** Judges calls of tools whose parameters depend on their action. */
import type { z } from 'zod';
import { NavisError } from './errors.ts';

/** Which parameters each action needs and which it may take; manuals are made from this. */
export interface ActionFields {
  required: Readonly<Record<string, readonly string[]>>;
  optional: Readonly<Record<string, readonly string[]>>;
}

export interface ParsedCall<Call> {
  call: Call;
  /** Such as parameters that this action does not use. */
  warnings: string[];
}

export interface ActionTool {
  /** Of an object with `action`. */
  schema: z.ZodType<{ action: string }>;
  fields: ActionFields;
}

/** What addresses a call, whatever its action. */
const addressing = ['action', 'node_id', 'call_id'] as const;

/** Throws NavisError INVALID_ARGUMENT naming the field. */
export const parseActionCall = <Call>({ schema, fields }: ActionTool, input: unknown): ParsedCall<Call> => {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw argumentError(parsed.error);
  const given = parsed.data as { action: string } & Record<string, unknown>;
  const { action } = given;
  const { [action]: required = [] } = fields.required;
  const missing = required.find((field) => given[field] === undefined);
  if (missing !== undefined)
    throw new NavisError(
      'INVALID_ARGUMENT',
      `${missing}: is required when action is '${action}'. Nothing was started.`,
      { field: missing },
    );
  const known = new Set<string>([...addressing, ...required, ...(fields.optional[action] ?? [])]);
  const kept = Object.entries(given).filter(([field]) => known.has(field));
  const unused = Object.keys(given).filter((field) => !known.has(field));
  return {
    call: Object.fromEntries(kept) as Call,
    warnings: unused.map((field) => `${field} has no effect with action '${action}'.`),
  };
};

/** The first problem of a failed parse as one sentence that begins with the field. */
export const argumentError = (error: z.ZodError): NavisError => {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') path.push(issue.keys[0] ?? '');
  const field = path.join('.').slice(0, 200) || 'arguments';
  const problem = issue?.code === 'unrecognized_keys' ? 'is not a known parameter' : describeIssue(issue);
  return new NavisError('INVALID_ARGUMENT', `${field}: ${problem}. Nothing was started.`, { field });
};

const describeIssue = (issue: z.core.$ZodIssue | undefined): string => {
  if (issue?.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return `must be ${article(issue.expected)}`;
  return (issue?.message ?? 'is not valid').replace(/^[A-Z]/, (letter) => letter.toLowerCase()).slice(0, 300);
};

const article = (expected: string): string =>
  expected === 'int' ? 'a whole number' : /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
