/** The agent: its loop, the models it talks to and the profiles it is set up by; it cannot know where its tools run. */
export type * from './agent.types.ts';
export { orderAnswers, unansweredCalls } from './history/order-answers.ts';
export { runAgent } from './loop/run-agent.ts';
export { toolAnswer } from './loop/tool-answer.ts';
export { noModel } from './resilience/no-model.ts';
export { withFallback, type FallbackOptions } from './resilience/with-fallback.ts';
export { withRetry, type RetryOptions } from './resilience/with-retry.ts';
