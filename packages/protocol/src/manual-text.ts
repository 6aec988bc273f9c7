/** Pieces of manuals: plain text with Markdown headings, made from schemas. */
import type { z } from 'zod';
import type { ActionFields } from './action-call.ts';

export const section = (title: string, body: string): string => `## ${title}\n\n${body}`;
export const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
export const bytes = (count: number): string => {
  if (count % 1024 ** 3 === 0) return `${count / 1024 ** 3} GiB`;
  return count % 1024 ** 2 === 0 ? `${count / 1024 ** 2} MiB` : `${count / 1024} KiB`;
};

export const describeFields = (shape: Readonly<Record<string, z.ZodType>>): string =>
  list(Object.entries(shape).map(([name, schema]) => `\`${name}\`: ${schema.description ?? ''}`));

/** Characters of a schema that is shown as it is. */
const maxShownSchema = 1000;

/** A field as its JSON schema tells it: what must be given, which values fit, what it means. */
export const describeJsonField = (told: { field: string; property: unknown; isRequired: boolean }): string => {
  const { description, ...schema } = ((typeof told.property === 'object' && told.property) || {}) as {
    description?: unknown;
  };
  const meaning = typeof description === 'string' ? ` ${description}` : '';
  const shape = JSON.stringify(schema);
  const shown = shape.length > maxShownSchema ? `${shape.slice(0, maxShownSchema)}…` : shape;
  return `\`${told.field}\` (${told.isRequired ? 'required' : 'optional'}):${meaning} Schema: ${shown}`;
};

export interface DescribedActions<Action extends string> {
  actions: readonly Action[];
  summaries: Readonly<Record<Action, string>>;
  fields: ActionFields;
}

export const describeActions = <Action extends string>(described: DescribedActions<Action>): string => {
  const { actions, summaries, fields } = described;
  const names = (fieldNames: readonly string[] = []): string =>
    fieldNames.map((field) => `\`${field}\``).join(', ') || 'none';
  const describe = (action: Action): string =>
    [
      `### ${action}`,
      summaries[action],
      list([`required: ${names(fields.required[action])}`, `optional: ${names(fields.optional[action])}`]),
    ].join('\n\n');
  return actions.map(describe).join('\n\n');
};

/** Each a title and the arguments of a call. */
export type Example = readonly [title: string, call: Record<string, unknown>];

export const showExamples = (examples: readonly Example[]): string =>
  examples.map(([title, call]) => `${title}:\n\n    ${JSON.stringify(call)}`).join('\n\n');
