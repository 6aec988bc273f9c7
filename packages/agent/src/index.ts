/** The agent: its loop, the models it talks to and the profiles it is set up by; it cannot know where its tools run. */
export type * from './agent.types.ts';
export { unansweredCalls } from './history/order-answers.ts';
export { runAgent } from './loop/run-agent.ts';
export { UsageTally } from './loop/usage-tally.ts';
export { toolAnswer } from './loop/tool-answer.ts';
export { createProviderModel } from './models/create-provider-model.ts';
export { knownContextTokens } from './models/known-context.ts';
export { listOfferedModels, type OfferedModel } from './models/offered-models.ts';
export type { ProviderSettings } from './models/models.types.ts';
export { defaultBaseUrls } from './models/provider-fetch.ts';
export { noModel } from './resilience/no-model.ts';
export { withFallback } from './resilience/with-fallback.ts';
export { withRetry } from './resilience/with-retry.ts';
export { readProfile, readProfiles, type FoundProfiles, type ProfilePlaces } from './profiles/read-profiles.ts';
export { profileJsonSchema } from './profiles/profile-json-schema.ts';
export { shippedProfilesFolder } from './profiles/shipped-profiles.ts';
export { createProfileParser, type LoadedProfile } from './profiles/profile-folder.ts';
export {
  dateWriter,
  renderPrompt,
  type PromptEnvironment,
  type PromptNode,
  type PromptParts,
} from './prompt/render-prompt.ts';
