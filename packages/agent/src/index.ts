/** The agent: its loop, the models it talks to and the profiles it is set up by; it cannot know where its tools run. */
export type * from './agent.types.ts';
