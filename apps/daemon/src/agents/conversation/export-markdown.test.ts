/** A conversation as Markdown: everything said is in it, and no output breaks out of its fence (A3). */
import type { Session } from '@navisai/protocol';
import type { KeptMessage } from '@navisai/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exportMarkdown } from './export-markdown.ts';

const session = { id: 's_1111', title: 'a\n# b', createdAt: '2026-01-01T00:00:00.000Z' } as Session;
const kept = (message: unknown): KeptMessage =>
  ({ body: { message }, at: '2026-01-01T00:00:01.000Z' }) as unknown as KeptMessage;

test('A3: words, thoughts, calls and answers are in it in order', () => {
  const markdown = exportMarkdown(session, [
    kept({ role: 'user', text: 'Do it.', attachments: [{ contentId: 'f_1111' }] }),
    kept({
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'one\ntwo' },
        { type: 'text', text: 'Yes.' },
        { type: 'tool_call', callId: 'c_1', tool: 'terminal', arguments: { command: 'ls' } },
      ],
    }),
    kept({ role: 'tool', results: [{ callId: 'c_1', tool: 'terminal', output: 'file', success: false }] }),
  ]);
  expect(markdown).toMatch(
    /^# a # b\n[\s\S]*## Person[\s\S]*Do it\.[\s\S]*_1 attached_[\s\S]*## Agent[\s\S]*> one\n> two\n\nYes\.[\s\S]*"command": "ls"[\s\S]*\*\*terminal\*\* failed\n\n```\nfile\n```\n$/,
  );
});

test('A3: no output ends its own fence', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('`', '```', '\n', 'x', '````')), (pieces) => {
      const output = pieces.join('');
      const results = [{ callId: 'c_1', tool: 't', output, success: true }];
      const markdown = exportMarkdown(session, [kept({ role: 'tool', results })]);
      const fence = /\n(`{3,})\n/.exec(markdown)?.[1] ?? '';
      expect(output.includes(fence)).toBe(false);
      expect(markdown.endsWith(`\n${fence}\n`)).toBe(true);
    }),
  );
});
