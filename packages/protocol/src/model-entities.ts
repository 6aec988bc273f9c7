/** Model providers as clients see them; keys go in and never come out (A4). */
import { z } from 'zod';
import { modelProviderIdPattern } from './limits.ts';
import { timestampSchema } from './time.ts';

export const modelProviderKinds = ['openai-compatible', 'openai', 'anthropic', 'google'] as const;
export const modelProviderKindSchema = z.enum(modelProviderKinds);
export type ModelProviderKind = z.infer<typeof modelProviderKindSchema>;

export const modelProviderIdSchema = z
  .string()
  .regex(modelProviderIdPattern, 'a provider id has up to 32 of a-z 0-9 -');
/** `provider/model`, such as `ollama/qwen3:8b`. */
export const modelReferenceSchema = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9-]{0,31}\/\S{1,160}$/, 'must be provider/model');

export const offeredModelSchema = z.object({
  /** As the provider names it. */
  id: z.string().min(1).max(160),
  /** Null: not known; a cautious default counts. */
  contextTokens: z.number().int().min(1024).max(100_000_000).nullable(),
});
export const modelProviderSchema = z.object({
  id: modelProviderIdSchema,
  kind: modelProviderKindSchema,
  /** Null: the provider's own. */
  baseUrl: z.string().nullable(),
  hasKey: z.boolean(),
  models: z.array(offeredModelSchema).max(500),
  createdAt: timestampSchema,
});
export type ModelProvider = z.infer<typeof modelProviderSchema>;
