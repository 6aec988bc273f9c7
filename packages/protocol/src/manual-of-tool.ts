/** The manual of a tool of which only name, description and schema are known, such as one of an MCP server (T28). */
import { describeJsonField, section } from './manual-text.ts';

export interface DescribedTool {
  name: string;
  description: string;
  /** JSON schema of its arguments. */
  schema: Readonly<Record<string, unknown>>;
}

/** Plain text with Markdown headings. */
export const manualOfTool = ({ name, description, schema }: DescribedTool): string => {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const fields = Object.entries(properties).map(([field, property]) =>
    describeJsonField({ field, property, isRequired: required.includes(field) }),
  );
  const parameters = fields.length === 0 ? 'It takes none.' : fields.map((line) => `- ${line}`).join('\n');
  return [`# ${name}`, description, section('Parameters', parameters), ''].join('\n\n');
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
