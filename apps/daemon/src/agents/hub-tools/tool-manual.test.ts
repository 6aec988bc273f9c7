/** Every tool that an agent is offered has a manual (T28, P5). */
import { toolDefinitions, toolManuals } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { publishSchema } from '../../services/tool-path.ts';
import type { Actor, HubTool } from '../agents.types.ts';
import { createToolbox } from '../calls/toolbox.ts';
import { createToolManualTool } from './tool-manual.ts';

const weather: HubTool = {
  name: 'mcp_sky_weather',
  description: 'Tells the weather.',
  schema: {
    json: {
      type: 'object',
      properties: { town: { type: 'string', description: 'Where.' }, days: { type: 'integer', maximum: 7 } },
      required: ['town'],
    },
  },
  risk: () => 'reading',
  execute: () => Promise.reject(new Error('not called')),
};
const recall: HubTool = { ...weather, name: 'schedule_recall', schema: z.strictObject({ title: z.string() }) };

const offered = () => {
  const machineTools = toolDefinitions.map((tool) => ({ ...tool, schema: publishSchema(tool.schema) }));
  const toolbox = createToolbox({ machineTools, calls: () => ({ execute: () => Promise.reject(new Error('none')) }) });
  const manual = createToolManualTool(toolbox);
  for (const tool of [weather, recall, manual]) toolbox.register(tool);
  const tools = ['terminal', 'remote_filesystem', 'schedule_recall', 'mcp:*'];
  const actor = { profile: { tools, sub_agents: { enabled: false } }, depth: 0 } as unknown as Actor;
  const read = (tool?: string) =>
    manual.execute(actor, { callId: 'c_1', tool: 'tool_manual', arguments: { tool }, signal: AbortSignal.any([]) });
  return { names: toolbox.toolsFor(actor).map(({ name }) => name), read };
};

test('T28: the manual of every tool that is offered is given, once offered each', async () => {
  const { names, read } = offered();
  expect(names.toSorted()).toEqual([
    'mcp_sky_weather',
    'remote_filesystem',
    'schedule_recall',
    'terminal',
    'tool_manual',
  ]);
  for (const name of names) {
    const { success, output } = await read(name);
    expect(success, name).toBe(true);
    expect(output).toMatch(new RegExp(`^# ${name}\n`));
    expect(output).toContain('## Parameters\n');
  }
});

test('T28: what is known by hand is told so, the rest from its schema', async () => {
  const { read } = offered();
  expect((await read()).output).toBe(toolManuals.terminal());
  expect((await read('remote_filesystem')).output).toContain(toolManuals.filesystem());
  const { output } = await read('mcp_sky_weather');
  expect(output).toContain('Tells the weather.');
  expect(output).toContain('- `town` (required): Where. Schema: {"type":"string"}');
  expect(output).toContain('- `days` (optional): Schema: {"type":"integer","maximum":7}');
});

test('T28: a tool that is not offered is refused by the names of those that are', async () => {
  const { read } = offered();
  expect(await read('ssh_exec')).toMatchObject({
    success: false,
    error: { code: 'INVALID_ARGUMENT', field: 'tool', message: expect.stringContaining('mcp_sky_weather') },
  });
});
