/** A JSON schema as a person reads it: `{ name: string, tags?: string[] }`. */
import type { JsonSchema } from './openapi.ts';

const indentation = '  ';
/** Deeper parts are told as `…`. */
const maxDepth = 6;

export const schemaText = (schema: JsonSchema, depth = 0): string => {
  if (depth > maxDepth) return '…';
  const { $ref, enum: values, anyOf, oneOf, type } = schema;
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? '…';
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return choicesText(choices as JsonSchema[], depth);
  if (type === 'array') return `${wrapped(schemaText((schema.items ?? {}) as JsonSchema, depth))}[]`;
  if (type === 'object') return objectText(schema, depth);
  return typeof type === 'string' ? `${type}${limitsText(schema)}` : 'any';
};

const wrapped = (text: string): string => (text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text);

const choicesText = (choices: JsonSchema[], depth: number): string => {
  const texts = [...new Set(choices.map((choice) => schemaText(choice, depth)))];
  const separator = texts.some((text) => text.includes('\n')) ? `\n${indentation.repeat(depth)}| ` : ' | ';
  return texts.join(separator);
};

const objectText = (schema: JsonSchema, depth: number): string => {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set((schema.required ?? []) as string[]);
  if (properties.length === 0) return 'object';
  const lines = properties.map(
    ([name, property]) =>
      `${indentation.repeat(depth + 1)}${name}${required.has(name) ? '' : '?'}: ${schemaText(property, depth + 1)}`,
  );
  return `{\n${lines.join('\n')}\n${indentation.repeat(depth)}}`;
};

const limitsText = ({ minimum, maximum, minLength, maxLength, format }: JsonSchema): string => {
  if (format === 'date-time') return ' (ISO 8601)';
  const isBound = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const [least, most] = [minimum ?? minLength, maximum ?? maxLength];
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters';
  if (isBound(least) && isBound(most)) return ` (${least}…${most}${unit})`;
  if (isBound(most)) return ` (≤ ${most}${unit})`;
  return isBound(least) && least !== 0 ? ` (≥ ${least}${unit})` : '';
};
