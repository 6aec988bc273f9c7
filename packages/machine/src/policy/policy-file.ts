/** The node's own `policy.json`: read again whenever it has changed, judged strictly, and never taken for absent by accident (N12). */
import { readFileSync, statSync } from 'node:fs';
import { ceilingSchema, NavisError } from '@navisai/protocol';
import type { Ceiling } from '@navisai/protocol';

export interface PolicyFile {
  /** `null` when there is no file, and there was none since the start. Throws POLICY_DENIED naming the path and the field. */
  read(): Ceiling | null;
}

const maxFileBytes = 1024 * 1024;

export const createPolicyFile = (path: string | undefined): PolicyFile => {
  let seen: { stamp: string; ceiling: Ceiling } | undefined;
  return {
    read() {
      if (path === undefined) return null;
      const facts = statSync(path, { throwIfNoEntry: false, bigint: true });
      // A file that vanishes opens nothing: only a start without it does.
      if (facts === undefined) return seen?.ceiling ?? null;
      const stamp = `${facts.mtimeNs}:${facts.ctimeNs}:${facts.size}:${facts.ino}`;
      if (seen?.stamp !== stamp) seen = { stamp, ceiling: parseCeiling(path, textOf(path, Number(facts.size))) };
      return seen.ceiling;
    },
  };
};

const textOf = (path: string, sizeBytes: number): string => {
  if (sizeBytes > maxFileBytes) throw broken(path, `is larger than ${maxFileBytes} bytes`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw broken(
      path,
      `cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`,
    );
  }
};

export const parseCeiling = (path: string, text: string): Ceiling => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(path, `is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = ceilingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw broken(path, `${field === '' ? '' : `${field}: `}${issue?.message ?? 'is not a ceiling'}`, field);
};

const broken = (path: string, why: string, field?: string): NavisError =>
  new NavisError(
    'POLICY_DENIED',
    `${path}: ${why}. Nothing runs on this machine until the file is right.`,
    field === undefined || field === '' ? {} : { field },
  );
