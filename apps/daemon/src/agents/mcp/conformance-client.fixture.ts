/** The hub's MCP client as the public conformance suite starts it: connects to the address given and uses every tool (I20). */
import type { Actor } from '../agents.types.ts';
import { connectMcpServer } from './mcp-connection.ts';

const { signal } = new AbortController();
await using server = await connectMcpServer({
  name: 'suite',
  config: { url: process.argv.at(-1) ?? '' },
  mask: (program) => Promise.resolve(program),
  version: '1',
  signal,
  onTools: () => undefined,
});
for (const tool of server.tools) {
  const { json } = tool.schema as { json: { properties?: Record<string, { type?: string }> } };
  const values: Record<string, unknown> = { number: 2, integer: 2, boolean: true };
  const given = Object.entries(json.properties ?? {}).map(([name, { type = '' }]) => [name, values[type] ?? 'x']);
  await tool.execute({} as Actor, {
    callId: 'c_aaaaaaaa',
    tool: tool.name,
    arguments: Object.fromEntries(given),
    signal,
  });
}
