/** The manual names every action, parameter and number of the tool. */
import { expect, test } from 'vitest';
import * as limits from './limits.ts';
import { terminalManual } from './terminal-manual.ts';
import { openDescriptionText, parseTerminalCall, terminalActions, terminalToolSchema } from './terminal-tool.ts';

const manual = terminalManual();

test('T28: every action and parameter of the schema is described', () => {
  for (const action of terminalActions) expect(manual).toContain(`### ${action}\n`);
  for (const [name, schema] of Object.entries(terminalToolSchema.shape)) {
    expect(manual).toContain(`\`${name}\`: ${schema.description ?? 'no description'}`);
  }
  expect(manual).toContain(openDescriptionText);
  expect(manual).not.toMatch(/: $|undefined|NaN/m);
});

test('T28: the numbers are those of the product', () => {
  expect(manual).toContain(`timeout: 1 to 300 seconds, default ${limits.timeoutSeconds.default}`);
  expect(manual).toContain(`at most ${limits.maxTerminalsPerSession} per session`);
  expect(manual).toContain(`for ${limits.idleTerminal.limitMinutes} minutes`);
  expect(manual).toContain(`${limits.idleTerminal.warningMinutes} minutes before`);
  for (const size of ['256 KiB', '64 MiB', '5 GiB', '100 KiB', '1 MiB']) expect(manual).toContain(size);
});

test('T28: every example is a valid call', () => {
  const calls = manual.split('\n').filter((line) => line.startsWith('    {'));
  expect(calls.length).toBeGreaterThan(5);
  for (const call of calls) expect(parseTerminalCall(JSON.parse(call)).warnings).toEqual([]);
});

test('T28: the manual has its sections', () => {
  for (const title of ['Modes', 'Actions', 'Parameters', 'Limits', 'Examples', 'When to use what', 'Safety'])
    expect(manual).toContain(`## ${title}\n`);
});
