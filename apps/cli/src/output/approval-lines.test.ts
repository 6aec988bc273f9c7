/** What a person reads in the terminal before a decision. */
import type { ApprovalOf } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { approvalLines } from './approval-lines.ts';

const approval = (text: string): ApprovalOf<'call'> => ({
  id: 'a_aaaaaaaa',
  kind: 'call',
  state: 'pending',
  title: 'Run it',
  detail: {
    call: {
      callId: 'c_aaaaaaaa',
      sessionId: 's_aaaaaaaa',
      userId: 'u_a',
      nodeId: 'main',
      tool: 'terminal',
      arguments: { action: 'run', command: text },
    },
    runId: null,
    requester: { kind: 'agent', name: 'developer' },
    summary: 'Run it',
    text,
    workingDirectory: null,
    nodeName: 'main',
    risk: 'unknown',
    reasons: [],
    decision: {
      effect: 'ask',
      decidedBy: { rule: 'x', subject: '', effect: 'ask', reason: '', source: '' },
      trace: [],
    },
    isUnmasked: false,
    proposed: null,
    needsOtherDevice: false,
  },
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  grant: null,
  comment: null,
});
const shown = (text: string): string[] =>
  approvalLines(approval(text)).flatMap((line) => (line.startsWith('  | ') ? [line.slice(4)] : []));

test('A2: a line end of two characters is seen as such', () => {
  expect(shown('ls\r\npwd')).toEqual(['ls\\r', 'pwd']);
});

test('A2: a line of any length is shown to its end', () => {
  const long = `echo ${'x'.repeat(20_000)}; rm -rf ~`;
  expect(shown(long)).toEqual([long]);
});

test('A2, A8: nothing in the text hides, reorders, or goes over what stands before it', () => {
  expect(shown('ls\rrm x\nid \u202e\u001b[2K')).toEqual(['ls\\rrm x', 'id \\u{202e}\\x1b[2K']);
});
