/** Calls of a scripted model that start sub-agents, and what a viewer sees of these. */
import type { EventData } from '@navisai/protocol';
import type { SeenPart, Talk } from './conversation.fixture.ts';

interface ScriptedCall {
  tool: string;
  arguments: object;
}

export const run = (command: string, more: object = {}): ScriptedCall => ({
  tool: 'terminal',
  arguments: { action: 'run', command, ...more },
});

export const spawn = (task: string, more: object = {}): ScriptedCall => ({
  tool: 'spawn_agent',
  arguments: { task, ...more },
});

/** The streams of sub-agents, in the order of their beginning. */
export const children = (talk: Talk): EventData<'stream_start'>[] =>
  talk.of('stream_start').filter(({ parent }) => parent !== null);

export const resultsOf = (talk: Talk, runId: string): SeenPart[] =>
  talk.parts(runId).filter(({ kind }) => kind === 'tool_result');

export const hasEnded = (talk: Talk, id: string | null): boolean =>
  talk.of('stream_end').some(({ streamId }) => streamId === id);
