/** Everything that a careless or hostile caller may put into a field, made from the schemas of the contract. */
import { z } from 'zod';

/** Texts that have broken programs. */
export const hostileTexts: Readonly<Record<string, string>> = {
  NUL: 'a\0b',
  newline: 'a\nb\r\nc',
  'escape sequence': '\x1b[2J\x1b]0;owned\x07\x9b31m',
  __proto__: '__proto__',
  constructor: 'constructor',
  'parent path': '../../etc/passwd',
  'absolute path': '/etc/passwd',
  'right to left': 'a\u202eb',
  'half of a character': 'a\ud800',
  empty: '',
  blank: ' \t ',
};

/** Values of every type; which of them are wrong for a field is for its schema to say. */
const wrongTypes: Readonly<Record<string, unknown>> = {
  null: null,
  'a boolean': true,
  zero: 0,
  negative: -1,
  fraction: 1.5,
  'beyond all integers': 1e300,
  'digits as text': '5',
  'a list': ['x'],
  'an object': { x: 1 },
  'an object with __proto__': JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
};

export type JsonObject = Record<string, unknown>;
export type Path = readonly string[];

export interface Case {
  /** What is wrong, for people. */
  name: string;
  field: string;
  input: unknown;
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  required?: string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

const describe = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

interface Field {
  path: Path;
  isRequired: boolean;
}

/** Every field that an object of this schema may have, those of inner objects too. */
export const fieldsOf = (schema: z.ZodType): Field[] => collect(describe(schema), []);

const collect = (schema: JsonSchema, above: Path): Field[] => {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = [...above, name];
    return [{ path, isRequired: schema.required?.includes(name) === true }, ...collect(inner, path)];
  });
  return [...own, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((branch) => collect(branch, above))];
};

export interface CaseOptions {
  schema: z.ZodType;
  /** What the schema accepts; every case differs from it in one field. */
  valid: JsonObject;
  /** Fields in which people may write what they want. */
  freeText?: readonly string[];
  /** Bytes of the largest text that is tried. */
  hugeBytes?: number;
}

/**
 * Objects that are wrong in exactly one field. Throws when the schema takes a hostile text in a field that is not for
 * free text, or when `valid` is not valid: then the test itself is not what it seems.
 */
export const wrongObjects = (options: CaseOptions): Case[] => {
  const { schema, valid } = options;
  if (!schema.safeParse(valid).success) throw new Error(`not a valid example: ${JSON.stringify(valid)}`);
  // Fields of inner objects only where the example has the object.
  const fields = uniqueFields(schema).filter(({ path }) => has(valid, path.slice(0, -1)));
  return [...fields.flatMap((field) => wrongValues(options, field)), ...unknownFields(options)];
};

const uniqueFields = (schema: z.ZodType): Field[] =>
  Array.from(new Map(fieldsOf(schema).map((field) => [field.path.join('.'), field])).values());

const wrongValues = (options: CaseOptions, { path, isRequired }: Field): Case[] => {
  const { schema, valid, freeText = [], hugeBytes = 64 * 1024 } = options;
  const field = path.join('.');
  const texts = { ...hostileTexts, 'a huge text': 'x'.repeat(hugeBytes) };
  const tried = Object.entries<unknown>({ ...texts, ...wrongTypes });
  const cases = tried.map(([name, value]) => ({
    name: `${field}: ${name}`,
    field,
    input: withValue(valid, path, value),
  }));
  const isRefused = ({ input }: Case): boolean => !schema.safeParse(input).success;
  const accepted = cases.filter((one, index) => index < Object.keys(texts).length && !isRefused(one));
  if (accepted.length > 0 && !freeText.includes(field))
    throw new Error(`the schema takes ${accepted.map(({ name }) => name).join(', ')}`);
  const missing = { name: `${field}: missing`, field, input: without(valid, path) };
  return [...(isRequired && isRefused(missing) ? [missing] : []), ...cases.filter(isRefused)];
};

/** Names that nobody knows, in every object of the example. */
const unknownFields = ({ schema, valid }: CaseOptions): Case[] =>
  objectsOf(valid, [])
    .flatMap((path) =>
      ['__proto__', 'constructor', 'a\x1b[2Jb'].map((key) => {
        const field = [...path, key].join('.');
        return { name: `${JSON.stringify(field)}: unknown`, field, input: withValue(valid, [...path, key], 'x') };
      }),
    )
    .filter(({ input }) => !schema.safeParse(input).success);

const objectsOf = (value: unknown, path: Path): Path[] =>
  isObject(value) ? [path, ...Object.entries(value).flatMap(([name, inner]) => objectsOf(inner, [...path, name]))] : [];

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const has = (object: JsonObject, path: Path): boolean => {
  let inner: unknown = object;
  for (const name of path) inner = isObject(inner) ? inner[name] : undefined;
  return isObject(inner);
};

const withValue = (object: JsonObject, [name = '', ...rest]: Path, value: unknown): JsonObject => {
  const changed = { ...object };
  const inner = rest.length === 0 ? value : withValue(isObject(object[name]) ? object[name] : {}, rest, value);
  // Also `__proto__` becomes a field like any other.
  Object.defineProperty(changed, name, { value: inner, enumerable: true, configurable: true, writable: true });
  return changed;
};

const without = (object: JsonObject, [name = '', ...rest]: Path): JsonObject => {
  const { [name]: inner, ...others } = object;
  return rest.length === 0 ? others : { ...others, [name]: without(isObject(inner) ? inner : {}, rest) };
};

/** Whether an answer names the field at fault, or what is wrong inside of it. */
export const names = (told: unknown, field: string): boolean =>
  typeof told === 'string' && (told === field || told.startsWith(`${field}.`));

/** What no answer may contain: a stack, a file of ours, a folder of this machine. */
export const leakPattern = /\n\s+at |node_modules|node:internal|\.ts\b|file:\/\/|\/packages\/|\/apps\/|\/tmp\/nv-/;
