/** The API as one page that needs nothing else: no script, no font, no other address (I7). */
import {
  clientMessageSchema,
  errorTable,
  eventDataSchemas,
  type Route,
  routes,
  socketPath,
  terminalToolDescription,
  terminalToolSchema,
} from '@navisai/protocol';
import { isNothing, type JsonSchema, jsonSchemaOf } from './openapi.ts';
import { pageStyle } from './page-style.ts';
import { schemaText } from './schema-text.ts';

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const describePage = (version: string): string => {
  const groups = groupRoutes();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Navis API</title>
<style>${pageStyle}</style>
<div class="layout">
<nav aria-label="Contents">${navigation([...groups.keys()])}</nav>
<main>
<h1>Navis API</h1>
<p class="lead">Version ${escapeHtml(version)}. Made from the schemas that the hub itself uses; for programs: <a href="/docs/openapi.json">openapi.json</a>.</p>
${authenticationText}
${[...groups].map(([name, found]) => `<h2 id="${name}">/${escapeHtml(name)}</h2>${found.map(routeText).join('')}`).join('')}
${toolText()}
${socketText()}
${errorsText()}
</main>
</div>
</html>
`;
};

const groupRoutes = (): Map<string, Route[]> => {
  const groups = new Map<string, Route[]>();
  for (const route of Object.values<Route>(routes)) {
    const group = route.path.split('/')[1] ?? '';
    groups.set(group, [...(groups.get(group) ?? []), route]);
  }
  return groups;
};

const navigation = (groups: readonly string[]): string => {
  const links = (entries: readonly (readonly [string, string])[]): string =>
    `<ol>${entries.map(([id, label]) => `<li><a href="#${id}">${escapeHtml(label)}</a></li>`).join('')}</ol>`;
  const around = [['authentication', 'Authentication']] as const;
  const streams = [
    ['terminal-tool', 'The tool terminal'],
    ['socket', `WebSocket ${socketPath}`],
    ['errors', 'Errors'],
  ] as const;
  return `<strong>Navis</strong>${links(around)}<strong>Routes</strong>${links(groups.map((name) => [name, `/${name}`]))}<strong>More</strong>${links(streams)}`;
};

const authenticationText = `<section class="plain"><h2 id="authentication">Authentication</h2>
<p>Every call but the public ones is signed by the key of a paired device: Ed25519 over these six lines, joined by line feeds.</p>
<pre>METHOD
PATH?QUERY
SHA256(BODY) as lower-case hex
TIMESTAMP (ISO 8601 with milliseconds, UTC)
NONCE (16 to 64 characters of A-Z a-z 0-9 _ -)
HUB ID (from /status)</pre>
<p>It travels as <code>Authorization: Navis deviceId="…",timestamp="…",nonce="…",signature="…"</code>. A nonce works once, a timestamp for five minutes; <code>CLOCK_SKEW</code> answers with the hub’s time. The WebSocket signs <code>WEBSOCKET</code>, the path, <code>-</code>, timestamp, nonce and hub id, and may carry the four values in its query.</p></section>`;

const routeText = (route: Route): string => {
  const parts = [
    sectionText(
      'Path and query',
      [route.params, route.query].map((schema) => jsonSchemaOf(schema, 'input')),
    ),
    isNothing(route.body) ? '' : sectionText('Body', [jsonSchemaOf(route.body, 'input')]),
    answerText(route),
  ];
  return `<details><summary><span class="method">${route.method}</span><code>${escapeHtml(route.path)}</code><span class="access">${route.access}</span><p>${escapeHtml(route.summary)}</p></summary><div class="inside">${parts.join('')}</div></details>`;
};

const answerText = (route: Route): string => {
  if (isNothing(route.response)) return '<h3>Answer</h3><pre>204, without a body</pre>';
  if (route.contentType !== undefined) return `<h3>Answer</h3><pre>${escapeHtml(route.contentType)}</pre>`;
  return sectionText('Answer', [jsonSchemaOf(route.response, 'output')]);
};

const sectionText = (title: string, schemas: readonly JsonSchema[]): string => {
  const texts = schemas
    .map((schema) => schemaText(schema))
    .filter((text) => text !== 'object' || title !== 'Path and query');
  return texts.length === 0 ? '' : `<h3>${title}</h3><pre>${escapeHtml(texts.join('\n'))}</pre>`;
};

const toolText = (): string => {
  const { properties = {} } = jsonSchemaOf(terminalToolSchema, 'input') as { properties?: Record<string, JsonSchema> };
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><td><code>${name}</code></td><td>${escapeHtml(String(property.description ?? ''))}</td></tr>`,
  );
  return `<section class="plain"><h2 id="terminal-tool">The tool terminal</h2><p>${escapeHtml(terminalToolDescription)}</p><table>${rows.join('')}</table></section>`;
};

const socketText = (): string => {
  const messages = (jsonSchemaOf(clientMessageSchema, 'input').oneOf ?? []) as JsonSchema[];
  const events = Object.entries(eventDataSchemas).map(
    ([type, schema]) =>
      `<h3><code>${type}</code></h3><pre>${escapeHtml(schemaText(jsonSchemaOf(schema, 'output')))}</pre>`,
  );
  return `<section class="plain"><h2 id="socket">WebSocket ${socketPath}</h2>
<p>Events are <code>{type, sessionId?, data, timestamp}</code>. Kept ones carry <code>seq</code> in <code>data</code>; a client goes on from the last one it saw.</p>
<h3>A client sends</h3><pre>${escapeHtml(messages.map((message) => schemaText(message)).join('\n'))}</pre>
<h3>The hub sends, as data of its events</h3>${events.join('')}</section>`;
};

const errorsText = (): string => {
  const rows = Object.entries(errorTable).map(
    ([code, { http, message }]) =>
      `<tr><td><code>${code}</code></td><td>${http === 200 ? 'in a result' : http}</td><td>${escapeHtml(message)}</td></tr>`,
  );
  return `<section class="plain"><h2 id="errors">Errors</h2><p>Every error is <code>{code, message, field?}</code>.</p><table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>${rows.join('')}</table></section>`;
};
