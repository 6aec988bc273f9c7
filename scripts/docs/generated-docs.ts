/** What is made from the contract below docs/: the HTTP and WebSocket API, the manuals of the tools, the schema of profiles. */
import { profileJsonSchema } from '@navisai/agent';
import { errorTable, eventDataSchemas, routes, toolManuals } from '@navisai/protocol';
import type { Route } from '@navisai/protocol';
import { format, resolveConfig } from 'prettier';

export interface GeneratedDoc {
  /** From the root. */
  path: string;
  text: string;
}

export const generatedDocs = async (): Promise<GeneratedDoc[]> => {
  const options = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };
  const schema = await format(JSON.stringify(profileJsonSchema()), { ...options, parser: 'json' });
  return [
    { path: 'docs/API.md', text: await format(apiPage(), options) },
    { path: 'docs/profile.schema.json', text: schema },
    ...(await Promise.all(manualPages().map(async ({ path, text }) => ({ path, text: await format(text, options) })))),
  ];
};

const manualPages = (): GeneratedDoc[] =>
  Object.entries(toolManuals).map(([tool, manual]) => ({ path: `docs/manual/${tool}.md`, text: manual() }));

const notice = '<!-- Made by `npm run docs` from packages/protocol; do not edit. -->';

const apiPage = (): string =>
  `${[
    notice,
    '# The API of the hub',
    'HTTPS on `127.0.0.1:47621`. Requests are signed as described in [authentication.md](authentication.md). The running hub serves the same table with every schema as OpenAPI 3.1 at `/docs` and `/docs/openapi.json`.',
    '## Routes',
    table(
      ['route', 'needs', 'does'],
      Object.values(routes as Record<string, Route>).map((route) => [
        `\`${route.method} ${route.path}\``,
        route.access,
        route.summary,
      ]),
    ),
    '## Errors',
    'Every HTTP error is `{code, message}`, with `field` where one is at fault. Tools answer 200 with `success: false` and the same codes. The last column is the exit code of the CLI.',
    table(
      ['code', 'HTTP', 'says', 'exit'],
      Object.entries(errorTable).map(([code, row]) => [
        `\`${code}\``,
        row.http === 200 ? 'in tools' : String(row.http),
        row.message,
        String(row.exit),
      ]),
    ),
    '## Events on `/ws`',
    'The envelope is `{type, projectId?, sessionId?, data, timestamp}`. Events that are kept carry `seq`.',
    table(
      ['type', '`data`'],
      Object.entries(eventDataSchemas).map(([type, schema]) => [
        `\`${type}\``,
        Object.keys(schema.shape)
          .map((key) => `\`${key}\``)
          .join(', '),
      ]),
    ),
  ].join('\n\n')}\n`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
